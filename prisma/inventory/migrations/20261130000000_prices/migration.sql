-- A price in minor units of some currencies does not fit an integer, and a product may be free.
ALTER TABLE stock
  ALTER COLUMN price_minor TYPE bigint,
  DROP CONSTRAINT stock_price_minor_check,
  ADD CONSTRAINT stock_price_minor_check CHECK (price_minor >= 0);
