-- One row per order: what its customer is told.
CREATE TABLE notices (
  order_id  uuid    PRIMARY KEY,
  sequence  integer NOT NULL DEFAULT 0,
  recipient text,
  -- heard of before the recipient: {"amountMinor", "currency"}
  refund    jsonb,
  -- template -> {"status", "at", "messageId" | "reason"}
  mails     jsonb   NOT NULL DEFAULT '{}'
)
-- Each row is written two or three times: with room in the page no index has to be touched.
WITH (fillfactor = 70);
