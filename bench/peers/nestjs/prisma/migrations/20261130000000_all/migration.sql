CREATE TABLE prices (
  sku         text    PRIMARY KEY,
  price_minor integer NOT NULL
);

CREATE TABLE orders (
  id            uuid           PRIMARY KEY,
  customer_id   text           NOT NULL,
  email         text           NOT NULL,
  currency      text           NOT NULL,
  payment_token text           NOT NULL,
  total_minor   bigint         NOT NULL,
  status        text           NOT NULL DEFAULT 'placed',
  stock_done    boolean        NOT NULL DEFAULT false,
  mail_done     boolean        NOT NULL DEFAULT false,
  placed_at     timestamptz(3) NOT NULL DEFAULT now(),
  decided_at    timestamptz(3),
  settled_at    timestamptz(3)
);

CREATE TABLE order_lines (
  id               bigserial PRIMARY KEY,
  order_id         uuid      NOT NULL REFERENCES orders (id),
  sku              text      NOT NULL,
  quantity         integer   NOT NULL,
  unit_price_minor integer   NOT NULL
);
CREATE INDEX order_lines_order_id_idx ON order_lines (order_id);

CREATE TABLE stock (
  sku       text    PRIMARY KEY,
  available integer NOT NULL,
  reserved  integer NOT NULL DEFAULT 0
);

CREATE TABLE reservations (
  order_id uuid  PRIMARY KEY,
  status   text  NOT NULL,
  lines    jsonb NOT NULL
);

CREATE TABLE payments (
  order_id     uuid   PRIMARY KEY,
  status       text   NOT NULL,
  amount_minor bigint NOT NULL,
  charge_id    text
);

CREATE TABLE notifications (
  order_id uuid           NOT NULL,
  template text           NOT NULL,
  sent_at  timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (order_id, template)
);

CREATE TABLE outbox (
  id           bigserial      PRIMARY KEY,
  topic        text           NOT NULL,
  key          text           NOT NULL,
  payload      jsonb          NOT NULL,
  created_at   timestamptz(3) NOT NULL DEFAULT now(),
  published_at timestamptz(3)
);
CREATE INDEX outbox_published_at_id_idx ON outbox (published_at, id);
