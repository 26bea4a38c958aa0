-- The terms of an order are deleted with its records.
CREATE INDEX CONCURRENTLY search_terms_position ON search_terms (position);
