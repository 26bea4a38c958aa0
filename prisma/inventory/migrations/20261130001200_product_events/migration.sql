-- The newest published event of each product stands apart from its stock: a row of `stock` is written with every order of the
-- product, and was four times as large with the event in it.
CREATE TABLE product_events (
  sku      text    PRIMARY KEY,
  -- the number of the event
  sequence integer NOT NULL,
  events   jsonb   NOT NULL
);
INSERT INTO product_events (sku, sequence, events) SELECT sku, sequence, events FROM stock WHERE events <> '[]';

-- The column stays for instances of the version before, which write it.
UPDATE stock SET events = '[]' WHERE events <> '[]';
