-- What payments said about an order's money, in minor units of its currency. Null for orders that were stored before.
ALTER TABLE heads ADD COLUMN captured_minor bigint, ADD COLUMN refunded_minor bigint;

-- Reports of `orderflow audit --post`, each named by its time: one that is posted again is kept once.
CREATE TABLE audits (
  at          timestamptz PRIMARY KEY,
  received_at timestamptz NOT NULL DEFAULT now(),
  rules       integer     NOT NULL,
  -- rules that do not hold
  broken      integer     NOT NULL,
  report      jsonb       NOT NULL
);
