import { type ServiceName, serviceNames } from '@orderflow/client';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash, randomUUID } from 'node:crypto';
import { databaseUrlOf, dropDatabase } from '@orderflow/local';
import { audit, type AuditReport } from './audit.ts';
import { type Databases, withDatabases } from './database-reader.ts';
import { MOST_NAMED } from './finding.ts';
import { seedDatabases } from './seed-databases.ts';

let databases: Databases;

beforeEach(() => {
  const databaseUrl = process.env['DATABASE_URL'];
  if (!databaseUrl)
    throw new Error('DATABASE_URL is not set: run npm test, or scripts/infra.ts and export what it prints');
  databases = { databaseUrl, databasePrefix: `audit_${randomUUID().slice(0, 8)}_` };
});
afterEach(async () => {
  const { databaseUrl, databasePrefix } = databases;
  for (const name of serviceNames) await dropDatabase(databaseUrlOf(databaseUrl, databasePrefix + name));
});

const plant = async (service: ServiceName, sql: string) =>
  withDatabases(databases, async (it) => it.rows(service, sql));

/** The subjects that break each rule, by rule. */
function brokenIn({ findings }: AuditReport): Record<string, string[]> {
  const broken = findings.filter(({ count }) => count > 0);
  return Object.fromEntries(
    broken.map(({ id, violations }) => [id, violations.map(({ subject }) => subject).toSorted()]),
  );
}

/** The id of a seeded order. Of these, 1 to 19 are confirmed, 40 to 49 refunded. */
const idOf = (index: number) =>
  createHash('md5')
    .update(`order-${index}`)
    .digest('hex')
    .replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');

const only = (index: number) => `WHERE order_id = '${idOf(index)}'`;

/** One violation for each part of a statement; tests/invariants has the others. The last is its subject. */
const violations: readonly (readonly [rule: string, service: ServiceName, sql: string, subject: string])[] = [
  ['snapshot', 'orders', `UPDATE order_events SET data = data || '{"totalMinor": 1}' ${only(1)}`, idOf(1)],
  ['versions', 'orders', `UPDATE orders SET version = 3 ${only(2)}`, idOf(2)],
  ['settled', 'orders', `UPDATE order_views SET settled = false ${only(3)}`, idOf(3)],
  ['view-consumed', 'inventory', `UPDATE reservations SET sequence = 3 ${only(4)}`, idOf(4)],
  ['view-agrees', 'inventory', `UPDATE reservations SET status = 'rejected', lines = '[]' ${only(41)}`, idOf(41)],
  ['money-books', 'payments', `UPDATE payments SET amount_minor = 1 ${only(5)}`, idOf(5)],
  [
    'mails',
    'notifications',
    `UPDATE notices SET mails = '{"order-confirmed": {"status": "failed"}}' ${only(6)}`,
    idOf(6),
  ],
  ['money-provider', 'sandbox', `UPDATE charges SET refunded_minor = 0 ${only(42)}`, idOf(42)],
  [
    'one-capture',
    'sandbox',
    `INSERT INTO charges (charge_id, idempotency_key, fingerprint, order_id, amount_minor, currency, token, status, refunded_minor)
     SELECT 'twice', 'twice', '', order_id, 500, currency, token, status, 500 FROM charges ${only(7)}`,
    idOf(7),
  ],
  [
    'mails',
    'sandbox',
    `INSERT INTO mails (message_id, order_id, template, recipient, subject, body)
     SELECT 'another', order_id, template, recipient, '', '' FROM mails ${only(8)}`,
    idOf(8),
  ],
  ['mail-copies', 'sandbox', `UPDATE mails SET copies = 3 ${only(10)}`, idOf(10)],
  ['left-over', 'notifications', callOf(idOf(9)), idOf(9)],
  ['tokens', 'orders', `UPDATE order_events SET data = data || '{"paymentToken": "tok_visa"}' ${only(10)}`, idOf(10)],
  ['tokens', 'payments', `UPDATE payments SET token = 'a.b.c.d.e' ${only(11)}`, idOf(11)],
  ['strangers', 'payments', callOf('no-id-at-all'), 'no-id-at-all'],
  ['stock-delivered', 'inventory', `UPDATE deliveries SET quantity = quantity + 1 WHERE sku = 'sku-3'`, 'sku-3'],
  ['stock-reserved', 'inventory', `UPDATE stock SET reserved = 1 WHERE sku = 'sku-5'`, 'sku-5'],
  ['prices', 'orders', `UPDATE price_list SET price_minor = 100 WHERE sku = 'sku-1'`, 'sku-1'],
  ['prices', 'inventory', `UPDATE stock SET sequence = 1 WHERE sku = 'sku-2'`, 'sku-2'],
  ['prices', 'orders', `INSERT INTO price_list VALUES ('unknown', 1, 'EUR', 1)`, 'unknown'],
  [
    'outboxes',
    'payments',
    `INSERT INTO outbox (shard, topic, key, value, headers, created_at)
     VALUES (0, 't', 'k', '', '{}', now() - interval '11 s')`,
    'payments',
  ],
  [
    'outboxes',
    'orders',
    `INSERT INTO outbox (shard, topic, key, value, headers, rejected_at) VALUES (0, 't', 'k', '', '{}', now())`,
    'orders',
  ],
  ['parked', 'inventory', parkedFor(61), 'inventory'],
  ['expired', 'payments', expired(), 'payments, orders.events/1'],
];

function callOf(subject: string): string {
  return `INSERT INTO external_calls (key, kind, subject, request, context, next_attempt_at)
          VALUES ('k', 'charge', '${subject}', '{}', '{}', now())`;
}

function parkedFor(seconds: number): string {
  return `INSERT INTO parked (consumer, subject, event_id, topic, partition, "offset", appended_at, headers, kind, reason, next_attempt_at)
          VALUES ('c', 's', gen_random_uuid(), 't', 0, 7, now(), '{}', 'refused', 'why', now() - interval '${seconds} s')`;
}

function expired(): string {
  return `INSERT INTO expired_ranges (consumer, topic, partition, first_offset, next_offset)
          VALUES ('payments', 'orders.events', 1, 4, 10)`;
}

describe('databases that add up', () => {
  it('pass, with the figures of both sides', async () => {
    await seedDatabases(databases, 100);
    const report = await audit(databases, 60);
    expect(brokenIn(report)).toEqual({});
    expect(report).toMatchObject({ version: 1, deadlineSeconds: 60, ok: true, parked: [], parkedCount: 0 });
    expect(report.findings.find(({ id }) => id === 'money-provider')).toEqual({
      id: 'money-provider',
      rule: "money in the provider's books: captured − refunded = due",
      expected: '200.00 EUR due',
      found: '200.00 EUR kept',
      count: 0,
      violations: [],
      problems: [],
    });
  });

  it('pass with young orders, and with parked events that are retried', async () => {
    await seedDatabases(databases, 100);
    await plant('orders', `UPDATE order_views SET settled = false; UPDATE order_events SET time = now()`);
    await plant('payments', `INSERT INTO outbox (shard, topic, key, value, headers) VALUES (0, 't', 'k', '', '{}')`);
    await plant('payments', callOf(idOf(1)));
    await plant('payments', parkedFor(0));
    const report = await audit(databases, 60);
    expect(brokenIn(report)).toEqual({});
    expect(report.parked).toMatchObject([
      { service: 'payments', subject: 's', offset: '7', reason: 'why', dead: false },
    ]);
    expect((await audit(databases, 0)).findings.find(({ id }) => id === 'settled')?.count).toBe(100);
  });

  it('pass with records that expired unread once an operator has acknowledged them', async () => {
    await seedDatabases(databases, 10);
    await plant('payments', expired());
    expect((await audit(databases, 60)).findings.find(({ id }) => id === 'expired')).toMatchObject({
      expected: '0 records',
      found: '6 records',
      count: 1,
    });
    await plant('payments', `UPDATE expired_ranges SET acknowledged_at = now(), operator = 'ada', reason = 'refunded'`);
    expect(brokenIn(await audit(databases, 60))).toEqual({});
  });
});

describe('databases with violations', () => {
  it('break the rules, which name the subjects concerned and no other', async () => {
    await seedDatabases(databases, 100);
    for (const [, service, sql] of violations) await plant(service, sql);
    const report = await audit(databases, 60);
    expect(report.ok).toBe(false);
    const byRule = Object.entries(Object.groupBy(violations, ([rule]) => rule));
    expect(brokenIn(report)).toEqual(
      Object.fromEntries(byRule.map(([rule, own = []]) => [rule, own.map(([, , , subject]) => subject).toSorted()])),
    );
  });
});

describe('100,000 orders', () => {
  it('are audited in time; of as many violations the first are named and all are counted', async () => {
    await seedDatabases(databases, 100_000);
    const since = performance.now();
    const sound = await audit(databases, 60);
    const seconds = (performance.now() - since) / 1_000;
    console.log(`audit of 100,000 orders: ${seconds.toFixed(1)} s`);
    expect(brokenIn(sound)).toEqual({});
    expect(sound.findings.find(({ id }) => id === 'settled')?.expected).toBe('100000 orders');

    await plant('sandbox', 'DELETE FROM mails');
    const { findings } = await audit(databases, 60);
    const mails = findings.find(({ id }) => id === 'mails');
    expect(mails?.count).toBe(100_000);
    expect(mails?.problems).toHaveLength(MOST_NAMED);
    // Each audit takes a few seconds on a machine that does nothing else; one whose cost grew with the square would take hours.
  }, 600_000);
});
