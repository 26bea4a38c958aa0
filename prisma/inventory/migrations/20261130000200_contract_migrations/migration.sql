-- The migrations on which older code must not run. A service that starts refuses a database with one that it does not know; any
-- other newer migration it tolerates. The same text in each service, compared by a test.
CREATE TABLE contract_migrations (
  name   text PRIMARY KEY,
  reason text NOT NULL
);
