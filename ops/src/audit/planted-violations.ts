import type { ServiceName } from '@orderflow/client';

/** SQL for the id of a seeded order. */
export const order = (index: number) => `md5('order-${index}')::uuid`;

/** One violation of a rule, made by SQL in the database of a service. */
export interface Planted {
  rule: string;
  service: ServiceName;
  /** The subject that the audit must name: a seeded order by its number, or any other by its name. */
  subject: number | string;
  sql: string;
  /** Rules about other facts that the same violation breaks. */
  alsoBreaks: readonly string[];
}

const STRANGER = 'ffffffff-0000-4000-8000-000000000000';

const plant = (
  rule: string,
  service: ServiceName,
  subject: Planted['subject'],
  sql: string,
  alsoBreaks: readonly string[] = [],
): Planted => ({ rule, service, subject, sql, alsoBreaks });

// Of the seeded orders, 1 to 19 are confirmed, 40 to 49 refunded.
export const planted: readonly Planted[] = [
  plant('settled', 'orders', 1, `UPDATE order_views SET settled = false WHERE order_id = ${order(1)}`),
  plant('versions', 'orders', 2, `UPDATE orders SET version = 3 WHERE order_id = ${order(2)}`),
  plant(
    'snapshot',
    'orders',
    41,
    `UPDATE orders SET cancel_reason = 'timed_out' WHERE order_id = ${order(41)};
     UPDATE order_views SET cancel_reason = 'timed_out' WHERE order_id = ${order(41)}`,
  ),
  plant('view-consumed', 'orders', 3, `UPDATE order_views SET payments_seq = 0 WHERE order_id = ${order(3)}`),
  plant('view-agrees', 'orders', 4, `UPDATE order_views SET stock = 'none' WHERE order_id = ${order(4)}`),
  plant('money-books', 'payments', 5, `UPDATE payments SET amount_minor = 1 WHERE order_id = ${order(5)}`),
  plant('money-provider', 'sandbox', 42, `UPDATE charges SET refunded_minor = 0 WHERE order_id = ${order(42)}::text`),
  plant(
    'one-capture',
    'sandbox',
    6,
    `INSERT INTO charges (charge_id, idempotency_key, fingerprint, order_id, amount_minor, currency, token, status, refunded_minor)
     SELECT 'twice', 'twice', '', order_id, amount_minor, currency, token, status, amount_minor
     FROM charges WHERE order_id = ${order(6)}::text`,
  ),
  // The stock of the product moves along, or two more rules would be broken.
  plant(
    'stock-orders',
    'inventory',
    7,
    `UPDATE reservations SET status = 'released' WHERE order_id = ${order(7)};
     UPDATE stock SET committed = committed - 1, on_hand = on_hand + 1 WHERE sku = 'sku-7'`,
    ['view-agrees'],
  ),
  plant(
    'mails',
    'sandbox',
    43,
    `DELETE FROM mails WHERE order_id = ${order(43)}::text AND template = 'payment-refunded'`,
  ),
  plant(
    'mails',
    'sandbox',
    8,
    `INSERT INTO mails (message_id, order_id, template, recipient, subject, body)
     SELECT 'another', order_id, template, recipient, '', '' FROM mails WHERE order_id = ${order(8)}::text`,
  ),
  plant(
    'strangers',
    'sandbox',
    STRANGER,
    `INSERT INTO charges (charge_id, idempotency_key, fingerprint, order_id, amount_minor, currency, token, status)
     VALUES ('stray', 'stray', '', '${STRANGER}', 5, 'EUR', 'tok_visa', 'captured')`,
  ),
  plant(
    'strangers',
    'payments',
    'no-id-at-all',
    `INSERT INTO external_calls (key, kind, subject, request, context, next_attempt_at)
     VALUES ('k', 'charge', 'no-id-at-all', '{}', '{}', now())`,
  ),
  plant(
    'left-over',
    'notifications',
    9,
    `INSERT INTO external_calls (key, kind, subject, request, context, next_attempt_at)
     VALUES ('k', 'mail', ${order(9)}::text, '{}', '{}', now())`,
  ),
  plant('stock-delivered', 'inventory', 'sku-3', `UPDATE deliveries SET quantity = quantity + 1 WHERE sku = 'sku-3'`),
  plant('stock-reserved', 'inventory', 'sku-5', `UPDATE stock SET reserved = 1 WHERE sku = 'sku-5'`),
  plant(
    'stock-negative',
    'inventory',
    'sku-6',
    `ALTER TABLE stock DROP CONSTRAINT reserved_is_on_hand, DROP CONSTRAINT stock_on_hand_check;
     UPDATE stock SET on_hand = -1 WHERE sku = 'sku-6';
     UPDATE deliveries SET quantity = quantity - 4 WHERE sku = 'sku-6'`,
  ),
  plant(
    'outboxes',
    'payments',
    'payments',
    `INSERT INTO outbox (shard, topic, key, value, headers, created_at)
     VALUES (0, 't', 'k', '', '{}', now() - interval '11 s')`,
  ),
  plant(
    'outboxes',
    'orders',
    'orders',
    `INSERT INTO outbox (shard, topic, key, value, headers, rejected_at) VALUES (0, 't', 'k', '', '{}', now())`,
  ),
  plant(
    'parked',
    'inventory',
    'inventory',
    `INSERT INTO parked (consumer, subject, event_id, topic, partition, "offset", appended_at, headers, kind, reason, next_attempt_at)
     VALUES ('inventory', 's', gen_random_uuid(), 't', 0, 0, now(), '{}', 'refused', 'why', now() - interval '61 s')`,
  ),
];
