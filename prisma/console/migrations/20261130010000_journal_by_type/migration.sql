-- The newest event of each version of each type, now and at an instant.
CREATE INDEX journal_type ON journal (type, schema_version, appended_at) WHERE why IS NULL;
