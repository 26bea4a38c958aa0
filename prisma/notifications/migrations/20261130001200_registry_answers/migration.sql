-- What the schema registry has answered, so that a service starts while it cannot be reached. The same text in each service,
-- compared by a test.

CREATE TABLE registry_answers (
  -- its URL, without credentials
  registry text NOT NULL,
  question text NOT NULL,
  answer   text NOT NULL,
  PRIMARY KEY (registry, question)
);
