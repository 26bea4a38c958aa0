-- Refunded by other means than our request, such as by hand in the provider's console.
ALTER TABLE payments ADD COLUMN refunded_elsewhere boolean NOT NULL DEFAULT false;
