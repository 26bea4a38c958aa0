-- The times that order the events of a head. Empty for heads that were stored before.
ALTER TABLE heads ADD COLUMN told_at timestamptz[] NOT NULL DEFAULT '{}';
