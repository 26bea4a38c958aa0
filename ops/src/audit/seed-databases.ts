import type { ServiceName } from '@orderflow/client';
import { join } from 'node:path';
import { databaseUrlOf, migrate } from '@orderflow/local';
import pg from 'pg';
import type { Databases } from './database-reader.ts';

/** Of five orders two are confirmed, one each is declined, out of stock, and cancelled by its customer after the capture. */
const SEEDED = `
  WITH seeded AS (
    SELECT i, md5('order-' || i)::uuid AS id, 'sku-' || i % 10 AS sku, kind, kind <= 1 AS confirmed,
           CASE kind WHEN 2 THEN 'payment_declined' WHEN 3 THEN 'out_of_stock' WHEN 4 THEN 'customer_request' END AS reason
    FROM (SELECT i, i / 10 % 5 AS kind FROM generate_series(1, $1::int) AS i) AS numbered
  )`;

const statements: Record<ServiceName, readonly string[]> = {
  orders: [
    `INSERT INTO order_events (order_id, version, id, type, data, time, correlation_id, causation_id, traceparent)
     SELECT id, version, gen_random_uuid(),
            CASE WHEN version = 1 THEN 'OrderPlaced' WHEN confirmed THEN 'OrderConfirmed' ELSE 'OrderCancelled' END,
            CASE WHEN version = 1 THEN jsonb_build_object('customerId', 'ada', 'email', 'ada@example.com', 'currency', 'EUR',
                   'lines', jsonb_build_array(jsonb_build_object('sku', sku, 'quantity', 1, 'unitPriceMinor', 500)),
                   'totalMinor', 500, 'paymentToken', 'tok_visa')
                 WHEN confirmed THEN '{"email": "ada@example.com", "totalMinor": 500, "currency": "EUR"}'
                 ELSE jsonb_build_object('email', 'ada@example.com', 'reason', reason) END,
            now() - interval '1 hour', '', '', ''
     FROM seeded, generate_series(1, 2) AS version`,
    `INSERT INTO orders (order_id, version, status, cancel_reason, email, total_minor, currency, fingerprint)
     SELECT id, 2, CASE WHEN confirmed THEN 'confirmed' ELSE 'cancelled' END, reason, 'ada@example.com', 500, 'EUR', ''
     FROM seeded`,
    `INSERT INTO order_views (order_id, customer_id, status, cancel_reason, stock, payment, settled, version, inventory_seq,
            payments_seq, notifications_seq, placed_at, updated_at)
     SELECT id, 'ada', CASE WHEN confirmed THEN 'confirmed' ELSE 'cancelled' END, reason,
            (ARRAY['committed', 'committed', 'released', 'rejected', 'released'])[kind + 1],
            (ARRAY['captured', 'captured', 'declined', 'voided', 'refunded'])[kind + 1], true, 2,
            (ARRAY[2, 2, 2, 1, 2])[kind + 1], (ARRAY[1, 1, 1, 1, 2])[kind + 1], (ARRAY[1, 1, 1, 1, 2])[kind + 1],
            now() - interval '1 hour', now()
     FROM seeded`,
  ],
  inventory: [
    `INSERT INTO reservations (order_id, status, sequence, lines)
     SELECT id, (ARRAY['committed', 'committed', 'released', 'rejected', 'released'])[kind + 1],
            (ARRAY[2, 2, 2, 1, 2])[kind + 1],
            CASE kind WHEN 3 THEN '[]' ELSE jsonb_build_array(jsonb_build_object('sku', sku, 'quantity', 1)) END
     FROM seeded`,
    `INSERT INTO stock (sku, name, price_minor, currency, on_hand, committed)
     SELECT sku, sku, 500, 'EUR', 3, count(*) FILTER (WHERE confirmed) FROM seeded GROUP BY sku`,
    `INSERT INTO deliveries (delivery_id, sku, quantity)
     SELECT sku, sku, 3 + count(*) FILTER (WHERE confirmed) FROM seeded GROUP BY sku`,
  ],
  payments: [
    `INSERT INTO payments (order_id, status, sequence, amount_minor, currency, charge_id, refund_id, decline_code)
     SELECT id, (ARRAY['captured', 'captured', 'declined', 'voided', 'refunded'])[kind + 1],
            (ARRAY[1, 1, 1, 1, 2])[kind + 1], 500, 'EUR', CASE WHEN kind IN (0, 1, 4) THEN 'ch_' || id END,
            CASE kind WHEN 4 THEN 're_' || id END, CASE kind WHEN 2 THEN 'card_declined' END
     FROM seeded`,
  ],
  notifications: [
    `INSERT INTO notices (order_id, sequence, recipient, mails)
     SELECT id, (ARRAY[1, 1, 1, 1, 2])[kind + 1], 'ada@example.com',
            CASE WHEN confirmed THEN '{"order-confirmed": {"status": "sent"}}'::jsonb
                 WHEN kind = 4 THEN '{"order-cancelled": {"status": "sent"}, "payment-refunded": {"status": "sent"}}'
                 ELSE '{"order-cancelled": {"status": "sent"}}' END
     FROM seeded`,
  ],
  sandbox: [
    `INSERT INTO charges (charge_id, idempotency_key, fingerprint, order_id, amount_minor, currency, token, status, refunded_minor)
     SELECT 'ch_' || id, 'charge-' || id, '', id, 500, 'EUR', 'tok_visa',
            CASE kind WHEN 2 THEN 'declined' ELSE 'captured' END, CASE kind WHEN 4 THEN 500 ELSE 0 END
     FROM seeded WHERE kind <> 3`,
    `INSERT INTO mails (message_id, order_id, template, recipient, subject, body)
     SELECT template || '-' || id, id, template, 'ada@example.com', '', ''
     FROM seeded, unnest(CASE WHEN confirmed THEN ARRAY['order-confirmed']
                              WHEN kind = 4 THEN ARRAY['order-cancelled', 'payment-refunded']
                              ELSE ARRAY['order-cancelled'] END) AS template`,
  ],
};

/** Creates the databases of a system and fills them, by SQL alone, with settled orders that add up. */
export async function seedDatabases({ databaseUrl, databasePrefix }: Databases, orders: number): Promise<void> {
  const migrations = (name: string) => join(import.meta.dirname, '..', '..', '..', 'prisma', name, 'migrations');
  for (const [name, inserts] of Object.entries(statements)) {
    const url = databaseUrlOf(databaseUrl, databasePrefix + name);
    await migrate({ databaseUrl: url, folder: migrations(name) });
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      for (const insert of inserts) await client.query(`${SEEDED} ${insert}`, [orders]);
    } finally {
      await client.end();
    }
  }
}
