-- Settled orders without an event since then may have been deleted. Null where nothing was.
ALTER TABLE journal_end ADD COLUMN pruned_before timestamptz;
