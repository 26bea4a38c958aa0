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
  available integer NOT NULL
);

CREATE TABLE payments (
  order_id     uuid   PRIMARY KEY,
  amount_minor bigint NOT NULL,
  charge_id    text
);
