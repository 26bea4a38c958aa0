-- The orders that are under way, for metrics and alerts. An order enters it once and leaves it once.
CREATE INDEX order_views_unsettled ON order_views (placed_at) WHERE NOT settled;
