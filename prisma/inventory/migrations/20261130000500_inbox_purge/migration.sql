-- The purge finds the oldest ids by a btree: the same text in each service, compared by a test.
-- A BRIN summary is never tightened, so that after the first days each look of the purge read every page that was ever freed.
-- Times of arrival ascend: an insert changes the last page of this index only.
DROP INDEX inbox_received_at;
CREATE INDEX inbox_received_at ON inbox (received_at);

-- A day is a ninth of the rows; by default their space would be used again only after two days.
ALTER TABLE inbox SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
