-- Payment tokens were stored in clear until OrderPlaced 1.2.0, and the fingerprints of requests were hashes over them without a
-- key. Both are removed from what is stored; a token that is encrypted has dots. Rows of order_events are not changed otherwise.
INSERT INTO contract_migrations (name, reason)
VALUES ('20261130000300_payment_tokens', 'older versions store payment tokens in clear');

UPDATE order_events SET data = jsonb_set(data, '{paymentToken}', '""')
WHERE type = 'OrderPlaced' AND data ->> 'paymentToken' <> '' AND data ->> 'paymentToken' NOT LIKE '%.%';

-- Open orders come last: the events that they wait for are held up from here to the commit only.
UPDATE orders SET fingerprint = '' WHERE status <> 'placed';
UPDATE orders SET fingerprint = '' WHERE status = 'placed';
