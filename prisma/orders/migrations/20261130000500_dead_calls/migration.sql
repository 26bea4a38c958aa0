-- Calls that the other side refuses are dead letters after some attempts: the same text in each service, compared by a test.

ALTER TABLE external_calls ADD COLUMN refusals integer NOT NULL DEFAULT 0;
-- [{"at", "reason"}], the oldest first
ALTER TABLE external_calls ADD COLUMN failures jsonb NOT NULL DEFAULT '[]';
-- refused too often: only an operator moves it on, and it has no next attempt
ALTER TABLE external_calls ADD COLUMN dead_at timestamptz;
ALTER TABLE external_calls ALTER COLUMN next_attempt_at DROP NOT NULL;
ALTER TABLE external_calls ADD CHECK ((dead_at IS NULL) = (next_attempt_at IS NOT NULL));

-- What operators did. It grows with their hands only; of the batch path only their own commands write to it.
CREATE TABLE call_actions (
  id       bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key      text        NOT NULL,
  -- retry, or the name of a settlement of the service
  action   text        NOT NULL,
  at       timestamptz NOT NULL DEFAULT now(),
  operator text        NOT NULL,
  reason   text,
  kind     text        NOT NULL,
  subject  text        NOT NULL,
  -- the row of external_calls as it was when it was settled, without its request, which may hold secrets
  call     jsonb
);
CREATE INDEX call_actions_key ON call_actions (key, id);
