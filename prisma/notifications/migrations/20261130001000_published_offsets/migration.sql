-- How far the service has published to each partition, so that it notices when the broker has lost records; and the cluster
-- that the offsets of this database belong to. The same text in each service, compared by a test.

CREATE TABLE published_offsets (
  topic       text    NOT NULL,
  partition   integer NOT NULL,
  -- the offset after the newest acknowledged batch
  next_offset bigint  NOT NULL,
  -- how many offsets the broker has lost; nothing is published while it is not 0
  lost        bigint  NOT NULL DEFAULT 0,
  PRIMARY KEY (topic, partition)
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

CREATE TABLE kafka_cluster (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  id       text NOT NULL
);
