-- Every record of every topic once, as it was published. Rows are never changed.
CREATE TABLE journal (
  -- Counted by the row of journal_end, which a writer holds until it commits: positions ascend in commit order, so that a reader
  -- that continues after a position misses nothing. A sequence would not give that.
  position       bigint         PRIMARY KEY,
  -- the order, or the SKU; of a record that is no event its key, as far as it is printable
  subject        text           NOT NULL,
  -- as the header names it; empty where there is none
  type           text           NOT NULL,
  -- why the record is no event; of a record with a reason the columns of the envelope are null
  why            text,
  source         text,
  sequence       integer,
  event_id       uuid,
  causation_id   text,
  correlation_id text,
  schema_version text,
  -- by the publisher's clock
  said_at        timestamptz,
  -- by the broker's clock
  appended_at    timestamptz    NOT NULL,
  recorded_at    timestamptz    NOT NULL DEFAULT now(),
  topic          text           NOT NULL,
  partition      integer        NOT NULL,
  "offset"       bigint         NOT NULL,
  trace_id       text,
  -- with the frame of the schema registry
  value          bytea,
  -- the relay sent it again: the order had it already
  repeats        boolean        NOT NULL
) WITH (autovacuum_vacuum_insert_scale_factor = 0.05);
CREATE INDEX journal_subject ON journal (subject, position);
CREATE INDEX journal_event ON journal (event_id) WHERE event_id IS NOT NULL;
CREATE INDEX journal_appended ON journal (appended_at);
-- Not unique: a topic that was created again begins at offset 0.
CREATE INDEX journal_place ON journal (topic, partition, "offset");

CREATE TABLE journal_end (
  id       integer PRIMARY KEY DEFAULT 1 CHECK (id = 1),
  position bigint  NOT NULL
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
INSERT INTO journal_end (position) VALUES (0);

-- One row an order: the fold of its events, for lists.
CREATE TABLE heads (
  order_id      text        PRIMARY KEY,
  status        text,
  cancel_reason text,
  stock         text        NOT NULL,
  payment       text        NOT NULL,
  settled       boolean     NOT NULL,
  waits_for     text,
  customer_id   text,
  total_minor   bigint,
  currency      text,
  line_count    integer,
  -- instants of the broker's clock
  placed_at     timestamptz,
  decided_at    timestamptz,
  settled_at    timestamptz,
  updated_at    timestamptz NOT NULL,
  -- the last instant by the clocks of the publishers
  said_at       timestamptz NOT NULL,
  -- types of its events
  told          text[]      NOT NULL,
  -- source -> last sequence
  heard         jsonb       NOT NULL
) WITH (fillfactor = 50);
CREATE INDEX heads_placed ON heads (placed_at, order_id);
CREATE INDEX heads_customer ON heads (customer_id, placed_at, order_id);
CREATE INDEX heads_decided ON heads (status, placed_at, order_id);
CREATE INDEX heads_unsettled ON heads (placed_at, order_id) WHERE NOT settled;

-- By what an order is found.
CREATE TABLE search_terms (
  kind     text   NOT NULL,
  term     text   NOT NULL,
  position bigint NOT NULL,
  subject  text   NOT NULL,
  PRIMARY KEY (kind, term, position)
);

-- How far the journal has consumed, in the transaction of its rows; as in the other services.
CREATE TABLE consumed_offsets (
  consumer    text    NOT NULL,
  topic       text    NOT NULL,
  partition   integer NOT NULL,
  next_offset bigint  NOT NULL,
  appended_at timestamptz,
  PRIMARY KEY (consumer, topic, partition)
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);

-- Records that expired before the journal had read them: its gaps.
CREATE TABLE expired_ranges (
  id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  consumer        text        NOT NULL,
  topic           text        NOT NULL,
  partition       integer     NOT NULL,
  -- from first_offset on, before next_offset
  first_offset    bigint      NOT NULL,
  next_offset     bigint      NOT NULL,
  found_at        timestamptz NOT NULL DEFAULT now(),
  acknowledged_at timestamptz,
  operator        text,
  reason          text,
  CHECK (first_offset < next_offset),
  CHECK ((acknowledged_at IS NULL) = (operator IS NULL) AND (operator IS NULL) = (reason IS NULL))
);

CREATE TABLE contract_migrations (
  name   text PRIMARY KEY,
  reason text NOT NULL
);
