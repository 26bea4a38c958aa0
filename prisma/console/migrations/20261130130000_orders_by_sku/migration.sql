-- A page of the orders of a product that most orders have: each newer order is looked up here, until the page is full.
CREATE INDEX CONCURRENTLY search_terms_sku ON search_terms (term, subject) WHERE kind = 'sku';
