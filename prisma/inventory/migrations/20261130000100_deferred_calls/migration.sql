-- Since when the recipient's side puts a call off: the same text in each service, compared by a test.
ALTER TABLE external_calls ADD COLUMN deferred_since timestamptz;
