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
  alsoBreaks?: readonly string[];
}

const STRANGER = 'ffffffff-0000-4000-8000-000000000000';

// Of the seeded orders, 1 to 19 are confirmed, 40 to 49 refunded.
export const planted: readonly Planted[] = [
  {
    rule: 'settled',
    service: 'orders',
    subject: 1,
    sql: `UPDATE order_views SET settled = false WHERE order_id = ${order(1)}`,
  },
  {
    rule: 'versions',
    service: 'orders',
    subject: 2,
    sql: `UPDATE orders SET version = 3 WHERE order_id = ${order(2)}`,
  },
  {
    rule: 'snapshot',
    service: 'orders',
    subject: 41,
    sql: `UPDATE orders SET cancel_reason = 'timed_out' WHERE order_id = ${order(41)};
          UPDATE order_views SET cancel_reason = 'timed_out' WHERE order_id = ${order(41)}`,
  },
  {
    rule: 'view-consumed',
    service: 'orders',
    subject: 3,
    sql: `UPDATE order_views SET payments_seq = 0 WHERE order_id = ${order(3)}`,
  },
  {
    rule: 'view-agrees',
    service: 'orders',
    subject: 4,
    sql: `UPDATE order_views SET stock = 'none' WHERE order_id = ${order(4)}`,
  },
  {
    rule: 'money-books',
    service: 'payments',
    subject: 5,
    sql: `UPDATE payments SET amount_minor = 1 WHERE order_id = ${order(5)}`,
  },
  {
    rule: 'money-provider',
    service: 'sandbox',
    subject: 42,
    sql: `UPDATE charges SET refunded_minor = 0 WHERE order_id = ${order(42)}::text`,
  },
  {
    rule: 'one-capture',
    service: 'sandbox',
    subject: 6,
    sql: `INSERT INTO charges (charge_id, idempotency_key, fingerprint, order_id, amount_minor, currency, token, status, refunded_minor)
          SELECT 'twice', 'twice', '', order_id, amount_minor, currency, token, status, amount_minor
          FROM charges WHERE order_id = ${order(6)}::text`,
  },
  {
    rule: 'stock-orders',
    service: 'inventory',
    subject: 7,
    // The stock of the product moves along, or two more rules would be broken.
    sql: `UPDATE reservations SET status = 'released' WHERE order_id = ${order(7)};
          UPDATE stock SET committed = committed - 1, on_hand = on_hand + 1 WHERE sku = 'sku-7'`,
    alsoBreaks: ['view-agrees'],
  },
  {
    rule: 'mails',
    service: 'sandbox',
    subject: 43,
    sql: `DELETE FROM mails WHERE order_id = ${order(43)}::text AND template = 'payment-refunded'`,
  },
  {
    rule: 'mails',
    service: 'sandbox',
    subject: 8,
    sql: `INSERT INTO mails (message_id, order_id, template, recipient, subject, body)
          SELECT 'another', order_id, template, recipient, '', '' FROM mails WHERE order_id = ${order(8)}::text`,
  },
  {
    rule: 'strangers',
    service: 'sandbox',
    subject: STRANGER,
    sql: `INSERT INTO charges (charge_id, idempotency_key, fingerprint, order_id, amount_minor, currency, token, status)
          VALUES ('stray', 'stray', '', '${STRANGER}', 5, 'EUR', 'tok_visa', 'captured')`,
  },
  {
    rule: 'strangers',
    service: 'payments',
    subject: 'no-id-at-all',
    sql: `INSERT INTO external_calls (key, kind, subject, request, context, next_attempt_at)
          VALUES ('k', 'charge', 'no-id-at-all', '{}', '{}', now())`,
  },
  {
    rule: 'left-over',
    service: 'notifications',
    subject: 9,
    sql: `INSERT INTO external_calls (key, kind, subject, request, context, next_attempt_at)
          VALUES ('k', 'mail', ${order(9)}::text, '{}', '{}', now())`,
  },
  {
    rule: 'stock-delivered',
    service: 'inventory',
    subject: 'sku-3',
    sql: `UPDATE deliveries SET quantity = quantity + 1 WHERE sku = 'sku-3'`,
  },
  {
    rule: 'stock-reserved',
    service: 'inventory',
    subject: 'sku-5',
    sql: `UPDATE stock SET reserved = 1 WHERE sku = 'sku-5'`,
  },
  {
    rule: 'stock-negative',
    service: 'inventory',
    subject: 'sku-6',
    sql: `ALTER TABLE stock DROP CONSTRAINT reserved_is_on_hand, DROP CONSTRAINT stock_on_hand_check;
          UPDATE stock SET on_hand = -1 WHERE sku = 'sku-6';
          UPDATE deliveries SET quantity = quantity - 4 WHERE sku = 'sku-6'`,
  },
  {
    rule: 'outboxes',
    service: 'payments',
    subject: 'payments',
    sql: `INSERT INTO outbox (shard, topic, key, value, headers, created_at)
          VALUES (0, 't', 'k', '', '{}', now() - interval '11 s')`,
  },
  {
    rule: 'outboxes',
    service: 'orders',
    subject: 'orders',
    sql: `INSERT INTO outbox (shard, topic, key, value, headers, rejected_at) VALUES (0, 't', 'k', '', '{}', now())`,
  },
  {
    rule: 'parked',
    service: 'inventory',
    subject: 'inventory',
    sql: `INSERT INTO parked (consumer, subject, event_id, topic, partition, "offset", appended_at, headers, kind, reason, next_attempt_at)
          VALUES ('inventory', 's', gen_random_uuid(), 't', 0, 0, now(), '{}', 'refused', 'why', now() - interval '61 s')`,
  },
];
