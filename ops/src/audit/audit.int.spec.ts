import { type ServiceName, serviceNames } from '@orderflow/client';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { databaseUrlOf } from '@orderflow/local';
import pg from 'pg';
import { audit, type AuditReport } from './audit.ts';
import type { Databases } from './database-reader.ts';
import { MOST_NAMED } from './finding.ts';
import { order, planted } from './planted-violations.ts';
import { seedDatabases } from './seed-databases.ts';

let databases: Databases;

beforeEach(() => {
  const databaseUrl = process.env['DATABASE_URL'];
  if (!databaseUrl)
    throw new Error('DATABASE_URL is not set: run npm test, or scripts/infra.ts and export what it prints');
  databases = { databaseUrl, databasePrefix: `audit_${randomUUID().slice(0, 8)}_` };
});
afterEach(async () => {
  for (const name of serviceNames) await query('postgres', `DROP DATABASE IF EXISTS "${nameOf(name)}" WITH (FORCE)`);
});

const nameOf = (service: ServiceName) => databases.databasePrefix + service;

async function query<Row extends object>(database: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: databaseUrlOf(databases.databaseUrl, database) });
  await client.connect();
  const { rows } = await client.query(sql);
  await client.end();
  return rows as Row[];
}

const plant = async (service: ServiceName, sql: string) => query(nameOf(service), sql);

/** The subjects that break each rule, by rule. */
function brokenIn({ findings }: AuditReport): Record<string, string[]> {
  const broken = findings.filter(({ count }) => count > 0);
  return Object.fromEntries(
    broken.map(({ id, violations }) => [id, violations.map(({ subject }) => subject).toSorted()]),
  );
}

async function expectedOf(): Promise<Record<string, string[]>> {
  const expected: Record<string, string[]> = {};
  for (const { rule, subject, alsoBreaks } of planted) {
    const [row] =
      typeof subject === 'number' ? await query<{ id: string }>('postgres', `SELECT ${order(subject)} AS id`) : [];
    for (const id of [rule, ...alsoBreaks])
      expected[id] = [...(expected[id] ?? []), row?.id ?? String(subject)].toSorted();
  }
  return expected;
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
    await plant(
      'payments',
      `INSERT INTO outbox (shard, topic, key, value, headers) VALUES (0, 't', 'k', '', '{}');
       INSERT INTO external_calls (key, kind, subject, request, context, next_attempt_at)
       VALUES ('k', 'charge', ${order(1)}::text, '{}', '{}', now());
       INSERT INTO parked (consumer, subject, event_id, topic, partition, "offset", appended_at, headers, kind, reason, next_attempt_at)
       VALUES ('payments', 's', gen_random_uuid(), 't', 0, 7, now(), '{}', 'refused', 'why', now())`,
    );
    const report = await audit(databases, 60);
    expect(brokenIn(report)).toEqual({});
    expect(report.parked).toMatchObject([
      { service: 'payments', subject: 's', offset: '7', reason: 'why', dead: false },
    ]);
    expect((await audit(databases, 0)).findings.find(({ id }) => id === 'settled')?.count).toBe(100);
  });
});

describe('databases with a violation of each kind', () => {
  it('break each rule, which names the subjects concerned and no other', async () => {
    await seedDatabases(databases, 100);
    for (const { service, sql } of planted) await plant(service, sql);
    const report = await audit(databases, 60);
    expect(report.ok).toBe(false);
    expect(brokenIn(report)).toEqual(await expectedOf());
    expect(report.findings.filter(({ count }) => count === 0)).toEqual([]);
  });
});

describe('100,000 orders', () => {
  it('are audited within a minute; of as many violations the first are named and all are counted', async () => {
    await seedDatabases(databases, 100_000);
    const since = performance.now();
    const sound = await audit(databases, 60);
    const seconds = (performance.now() - since) / 1_000;
    console.log(`audit of 100,000 orders: ${seconds.toFixed(1)} s`);
    expect(brokenIn(sound)).toEqual({});
    expect(sound.findings.find(({ id }) => id === 'settled')?.expected).toBe('100000 orders');
    // A few seconds on a machine that does nothing else.
    expect(seconds).toBeLessThan(60);

    await plant('sandbox', 'DELETE FROM mails');
    const { findings } = await audit(databases, 60);
    const mails = findings.find(({ id }) => id === 'mails');
    expect(mails?.count).toBe(100_000);
    expect(mails?.problems).toHaveLength(MOST_NAMED);
  }, 300_000);
});
