-- Retries by the time of their next attempt, and records whose bytes are not kept: the same text in each service, compared by a
-- test.

-- {"why", "detail", "bytes", "sha256"}
ALTER TABLE parked ADD COLUMN omitted jsonb;

-- A record that waits behind another has no time of its own: it is due when that one is gone.
UPDATE parked SET next_attempt_at = 'infinity'
WHERE dead_at IS NULL AND EXISTS (
  SELECT 1 FROM parked e WHERE e.consumer = parked.consumer AND e.subject = parked.subject AND e.id < parked.id);

CREATE INDEX parked_due ON parked (consumer, next_attempt_at, id) WHERE dead_at IS NULL;
