-- One row per order: what is known of its payment. The defaults are those of an order that nothing is known of yet.
CREATE TABLE payments (
  order_id     uuid        PRIMARY KEY,
  status       text        NOT NULL DEFAULT 'awaiting'
               CHECK (status IN ('awaiting', 'charging', 'cancelling', 'captured', 'declined', 'refunding', 'refunded', 'voided')),
  sequence     integer     NOT NULL DEFAULT 0,
  reserved     boolean     NOT NULL DEFAULT false,
  amount_minor bigint,
  currency     text,
  -- kept only until the charge is asked for
  token        text,
  charge_id    text,
  refund_id    text,
  decline_code text,
  updated_at   timestamptz NOT NULL DEFAULT now(),
  CHECK ((status IN ('captured', 'refunding', 'refunded')) = (charge_id IS NOT NULL)),
  CHECK ((status = 'refunded') = (refund_id IS NOT NULL))
)
-- Each row is written two or three times: with room in the page no index has to be touched.
WITH (fillfactor = 70);
