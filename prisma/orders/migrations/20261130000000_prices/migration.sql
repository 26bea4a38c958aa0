-- A price in minor units of some currencies does not fit an integer.
ALTER TABLE price_list ALTER COLUMN price_minor TYPE bigint;
