-- What happened to each order: the source of every other table here but the price list. Rows are never changed.
-- Its key is also the version check: of two members that go on from the same version one fails, and decides again.
CREATE TABLE order_events (
  order_id       uuid           NOT NULL,
  version        integer        NOT NULL,
  id             uuid           NOT NULL,
  type           text           NOT NULL,
  data           jsonb          NOT NULL,
  time           timestamptz(3) NOT NULL,
  correlation_id text           NOT NULL,
  causation_id   text           NOT NULL,
  traceparent    text           NOT NULL,
  PRIMARY KEY (order_id, version)
);
ALTER TABLE order_events SET (autovacuum_vacuum_insert_scale_factor = 0.05);

-- Snapshots. Changed once or twice, never in an indexed column: room in the page keeps the new row beside the old one (HOT).
CREATE TABLE orders (
  order_id      uuid    PRIMARY KEY,
  version       integer NOT NULL,
  status        text    NOT NULL,
  cancel_reason text,
  email         text    NOT NULL,
  total_minor   bigint  NOT NULL,
  currency      text    NOT NULL,
  fingerprint   text    NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

CREATE TABLE price_list (
  sku         text    PRIMARY KEY,
  price_minor integer NOT NULL,
  currency    text    NOT NULL,
  sequence    integer NOT NULL
);

-- Read model, the part that changes about five times an order. The document stands apart, so that a change copies little.
CREATE TABLE order_views (
  order_id          uuid           PRIMARY KEY,
  customer_id       text,
  status            text,
  cancel_reason     text,
  stock             text           NOT NULL,
  payment           text           NOT NULL,
  settled           boolean        NOT NULL,
  version           integer        NOT NULL,
  inventory_seq     integer        NOT NULL,
  payments_seq      integer        NOT NULL,
  notifications_seq integer        NOT NULL,
  placed_at         timestamptz(3),
  updated_at        timestamptz(3) NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
-- Only columns that are set once: an index on status or settled would be written at every change, and the row with it.
CREATE INDEX order_views_newest ON order_views (placed_at, order_id);
CREATE INDEX order_views_customer ON order_views (customer_id, placed_at, order_id);

CREATE TABLE order_documents (
  order_id    uuid   PRIMARY KEY,
  lines       jsonb  NOT NULL,
  total_minor bigint NOT NULL,
  currency    text   NOT NULL,
  trace_id    text   NOT NULL
);
ALTER TABLE order_documents SET (autovacuum_vacuum_insert_scale_factor = 0.05);
