-- What a person needs to work with dead letters: the same text in each service, compared by a test.

-- [{"at", "reason"}], the oldest first
ALTER TABLE parked ADD COLUMN failures jsonb NOT NULL DEFAULT '[]';

-- What people did. It grows with their hands only; nothing of the batch path reads it.
CREATE TABLE letter_actions (
  id        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  letter_id bigint      NOT NULL,
  action    text        NOT NULL CHECK (action IN ('retry', 'discard')),
  at        timestamptz NOT NULL DEFAULT now(),
  operator  text        NOT NULL,
  reason    text,
  consumer  text        NOT NULL,
  subject   text        NOT NULL,
  topic     text        NOT NULL,
  partition integer     NOT NULL,
  "offset"  bigint      NOT NULL,
  -- the row of parked as it was when it was discarded
  letter    jsonb
);
CREATE INDEX letter_actions_letter ON letter_actions (letter_id, id);
CREATE INDEX letter_actions_discarded ON letter_actions (letter_id) WHERE letter IS NOT NULL;
