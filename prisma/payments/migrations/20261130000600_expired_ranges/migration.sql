-- Records that expired before a consumer group had consumed them, written as the group goes on after them. An operator
-- acknowledges each range: the audit and an alert name it until then. The same text in each service, compared by a test.

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
