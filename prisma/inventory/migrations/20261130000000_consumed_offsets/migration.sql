-- How far each consumer group has consumed, in the transaction of the effects: a restored database begins where its own
-- rows say, whatever offsets the broker has. The same text in each service, compared by a test.

CREATE TABLE consumed_offsets (
  consumer    text    NOT NULL,
  topic       text    NOT NULL,
  partition   integer NOT NULL,
  next_offset bigint  NOT NULL,
  -- the latest append time among the consumed records: tells a topic that was deleted and created again
  appended_at timestamptz,
  PRIMARY KEY (consumer, topic, partition)
  -- one row per partition, changed by every batch, never in the key: room in the page keeps the new row beside the old one (HOT)
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
