import { type ServiceName, serviceNames } from '@orderflow/client';
import { join } from 'node:path';
import { databaseUrlOf, migrate } from '@orderflow/local';
import { type Databases, withDatabases } from './database-reader.ts';

const prisma = join(import.meta.dirname, '..', '..', '..', 'prisma');

/** Of five tens of orders two are confirmed, one each is declined, out of stock, and cancelled after the capture. */
const SEEDED = `
  WITH seeded AS (
    SELECT md5('order-' || i)::uuid AS id, 'sku-' || i % 10 AS sku, outcome.*
    FROM generate_series(1, $1::int) AS i JOIN (VALUES
      (0, 'confirmed', NULL, 'committed', 2, 'captured', 1, ARRAY['order-confirmed']),
      (1, 'confirmed', NULL, 'committed', 2, 'captured', 1, ARRAY['order-confirmed']),
      (2, 'cancelled', 'payment_declined', 'released', 2, 'declined', 1, ARRAY['order-cancelled']),
      (3, 'cancelled', 'out_of_stock', 'rejected', 1, 'voided', 1, ARRAY['order-cancelled']),
      (4, 'cancelled', 'customer_request', 'released', 2, 'refunded', 2, ARRAY['order-cancelled', 'payment-refunded'])
    ) AS outcome (kind, status, reason, stock, stock_seq, payment, payment_seq, templates) ON kind = i / 10 % 5
  )`;

const statements: Record<ServiceName, readonly string[]> = {
  orders: [
    `INSERT INTO order_events (order_id, version, id, type, data, time, correlation_id, causation_id, traceparent)
     SELECT id, version, gen_random_uuid(),
            CASE WHEN version = 1 THEN 'OrderPlaced' WHEN status = 'confirmed' THEN 'OrderConfirmed' ELSE 'OrderCancelled' END,
            CASE WHEN version = 1 THEN '{"totalMinor": 500}' ELSE jsonb_build_object('reason', reason) END,
            now() - interval '1 hour', '', '', ''
     FROM seeded, generate_series(1, 2) AS version`,
    `INSERT INTO orders (order_id, version, status, cancel_reason, email, total_minor, currency, fingerprint)
     SELECT id, 2, status, reason, 'ada@example.com', 500, 'EUR', '' FROM seeded`,
    `INSERT INTO order_views (order_id, customer_id, status, cancel_reason, stock, payment, settled, version, inventory_seq,
            payments_seq, notifications_seq, placed_at, updated_at)
     SELECT id, 'ada', status, reason, stock, payment, true, 2, stock_seq, payment_seq, cardinality(templates),
            now() - interval '1 hour', now()
     FROM seeded`,
    `INSERT INTO price_list (sku, price_minor, currency, sequence) SELECT DISTINCT sku, 500, 'EUR', 0 FROM seeded`,
  ],
  inventory: [
    `INSERT INTO reservations (order_id, status, sequence, lines)
     SELECT id, stock, stock_seq,
            CASE stock WHEN 'rejected' THEN '[]' ELSE jsonb_build_array(jsonb_build_object('sku', sku, 'quantity', 1)) END
     FROM seeded`,
    `INSERT INTO stock (sku, name, price_minor, currency, on_hand, committed)
     SELECT sku, sku, 500, 'EUR', 3, count(*) FILTER (WHERE stock = 'committed') FROM seeded GROUP BY sku`,
    `INSERT INTO deliveries (delivery_id, sku, quantity)
     SELECT sku, sku, 3 + count(*) FILTER (WHERE stock = 'committed') FROM seeded GROUP BY sku`,
  ],
  payments: [
    `INSERT INTO payments (order_id, status, sequence, amount_minor, currency, charge_id, refund_id, decline_code)
     SELECT id, payment, payment_seq, 500, 'EUR', CASE WHEN payment IN ('captured', 'refunded') THEN 'ch_' || id END,
            CASE payment WHEN 'refunded' THEN 're_' || id END, CASE payment WHEN 'declined' THEN 'card_declined' END
     FROM seeded`,
  ],
  notifications: [
    `INSERT INTO notices (order_id, sequence, recipient, mails)
     SELECT id, cardinality(templates), 'ada@example.com',
            (SELECT jsonb_object_agg(template, '{"status": "sent"}'::jsonb) FROM unnest(templates) AS template)
     FROM seeded`,
  ],
  sandbox: [
    `INSERT INTO charges (charge_id, idempotency_key, fingerprint, order_id, amount_minor, currency, token, status, refunded_minor)
     SELECT 'ch_' || id, 'charge-' || id, '', id, 500, 'EUR', 'tok_visa',
            CASE payment WHEN 'declined' THEN payment ELSE 'captured' END, CASE payment WHEN 'refunded' THEN 500 ELSE 0 END
     FROM seeded WHERE payment <> 'voided'`,
    `INSERT INTO mails (message_id, order_id, template, recipient, subject, body)
     SELECT template || '-' || id, id, template, 'ada@example.com', '', '' FROM seeded, unnest(templates) AS template`,
  ],
};

/** Creates the databases of a system and fills them, by SQL alone, with settled orders that add up. */
export async function seedDatabases(databases: Databases, orders: number): Promise<void> {
  for (const name of serviceNames) {
    const databaseUrl = databaseUrlOf(databases.databaseUrl, databases.databasePrefix + name);
    await migrate({ databaseUrl, folder: join(prisma, name, 'migrations') });
  }
  await withDatabases(databases, async (reader) => {
    for (const name of serviceNames) {
      for (const insert of statements[name]) await reader.rows(name, `${SEEDED} ${insert}`, [orders]);
    }
  });
}
