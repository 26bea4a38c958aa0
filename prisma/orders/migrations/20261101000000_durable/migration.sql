-- What makes a batch commit once: the same text in each service, compared by a test.

CREATE TABLE inbox (
  consumer    text        NOT NULL,
  event_id    uuid        NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (consumer, event_id)
);
-- Only the purge reads it; a btree would cost every insert.
CREATE INDEX inbox_received_at ON inbox USING brin (received_at);

CREATE TABLE outbox (
  id            bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  shard         smallint    NOT NULL,
  topic         text        NOT NULL,
  key           text        NOT NULL,
  value         bytea       NOT NULL,
  headers       jsonb       NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now(),
  set_aside_at  timestamptz,
  set_aside_why text
);
CREATE INDEX outbox_set_aside ON outbox (key) WHERE set_aside_at IS NOT NULL;

CREATE TABLE parked (
  id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  consumer        text        NOT NULL,
  subject         text        NOT NULL,
  event_id        uuid        NOT NULL,
  topic           text        NOT NULL,
  partition       integer     NOT NULL,
  "offset"        bigint      NOT NULL,
  appended_at     timestamptz NOT NULL,
  key             bytea,
  value           bytea,
  -- name -> bytes as base64
  headers         jsonb       NOT NULL,
  reason          text        NOT NULL,
  attempts        integer     NOT NULL DEFAULT 0,
  parked_at       timestamptz NOT NULL DEFAULT now(),
  next_attempt_at timestamptz NOT NULL,
  -- attempts are used up: a dead letter, still in its place in the queue
  dead_at         timestamptz
);
CREATE INDEX parked_subject ON parked (consumer, subject, id);

CREATE TABLE outside_calls (
  key             text        PRIMARY KEY,
  kind            text        NOT NULL,
  subject         text        NOT NULL,
  request         jsonb       NOT NULL,
  cause           jsonb       NOT NULL,
  attempts        integer     NOT NULL DEFAULT 0,
  last_error      text,
  created_at      timestamptz NOT NULL DEFAULT now(),
  next_attempt_at timestamptz NOT NULL
);
CREATE INDEX outside_calls_due ON outside_calls (next_attempt_at);

CREATE TABLE deadlines (
  subject text        PRIMARY KEY,
  due_at  timestamptz NOT NULL,
  cause   jsonb       NOT NULL
);
CREATE INDEX deadlines_due ON deadlines (due_at);

-- Tables that live by insert and delete: dead rows are cleaned up early, or every look at the queue wades through them.
ALTER TABLE outbox        SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
ALTER TABLE parked        SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
ALTER TABLE outside_calls SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
ALTER TABLE deadlines     SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
ALTER TABLE inbox         SET (autovacuum_vacuum_insert_scale_factor = 0.05);
