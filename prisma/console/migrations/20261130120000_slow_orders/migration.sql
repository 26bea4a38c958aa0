-- What was under way at an instant: most orders are settled within two minutes of being placed, and are found by that; this
-- index has the others.
CREATE INDEX CONCURRENTLY heads_slow ON heads (settled_at) WHERE settled_at - placed_at > interval '2 minutes';
