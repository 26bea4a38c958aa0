-- The orders with one outcome, the newest first: without it a list of a rare one reads all other orders too.
-- An order enters it once, when it is decided, and stays: of the updates of a view only that one touches an index.
CREATE INDEX order_views_decided ON order_views (status, placed_at, order_id) WHERE status IN ('confirmed', 'cancelled');
