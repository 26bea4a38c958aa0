-- The events that were published about each row, with their ids: what the broker has lost is published again from here.
-- Events from before this migration are not kept.
ALTER TABLE reservations ADD COLUMN events jsonb NOT NULL DEFAULT '[]';
ALTER TABLE stock ADD COLUMN events jsonb NOT NULL DEFAULT '[]';
