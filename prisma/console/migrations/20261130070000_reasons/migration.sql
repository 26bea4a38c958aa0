-- A list by reason reads its own orders: one reason may be rare among all that are cancelled.
CREATE INDEX heads_reason ON heads (cancel_reason, placed_at, order_id) WHERE cancel_reason IS NOT NULL;
