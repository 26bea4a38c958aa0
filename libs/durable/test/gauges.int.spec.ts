import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { metricsText } from '@orderflow/telemetry';
import { testDatabase } from '@orderflow/testing';
import { Database } from '../src/store/database.js';
import { measure } from '../src/runtime/gauges.js';
import { Outbox } from '../src/outbox/outbox.js';
import { ExternalCalls } from '../src/calls/external-calls.js';
import { aContext, COUNTERS_TABLE, instance, undecodable } from './counters.js';

let own: Awaited<ReturnType<typeof testDatabase>>;
let database: Database;
let errors: unknown[];

beforeEach(async () => {
  own = await testDatabase('payments');
  database = new Database(own.url, 'test');
  await database.query(COUNTERS_TABLE);
  errors = [];
  measure({
    database,
    broker: {
      lagOf: async (group, topics) => topics.map((topic) => ({ topic: `${group}/${topic}`, partition: 0, records: 7 })),
    },
    topicPrefix: 'a.',
    topics: new Map([['payments', ['a.orders.events']]]),
    kinds: ['charge', 'refund'],
    onError: (error) => errors.push(error),
  });
});
afterEach(async () => {
  await database.end();
  await own.drop();
});

/** What is said of these names, by name and labels. */
async function scraped(pattern: RegExp): Promise<Record<string, number>> {
  await setImmediate();
  const lines = (await metricsText()).text.split('\n').filter((line) => pattern.test(line) && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
  );
}

const record = () => ({ topic: 't', key: randomUUID(), value: Buffer.from('x'), headers: {} });

describe('what is measured of a service', () => {
  it('is nothing at all where nothing waits, and it says so', async () => {
    expect(
      await scraped(/^orderflow_(outbox_pending|outbox_oldest|outbox_rejected|parked|dead|external_calls)/),
    ).toEqual({
      orderflow_outbox_pending_records: 0,
      orderflow_outbox_oldest_age_seconds: 0,
      orderflow_outbox_rejected_records: 0,
      'orderflow_parked_records{group="payments"}': 0,
      'orderflow_dead_letters{group="payments"}': 0,
      'orderflow_external_calls_pending{kind="charge"}': 0,
      'orderflow_external_calls_pending{kind="refund"}': 0,
      'orderflow_external_calls_oldest_age_seconds{kind="charge"}': 0,
      'orderflow_external_calls_oldest_age_seconds{kind="refund"}': 0,
    });
  });

  it('is the outbox: how many rows wait, for how long, and how many are set aside', async () => {
    await new Outbox().append(database, [record(), record(), record()]);
    await database.query(
      `UPDATE outbox SET created_at = now() - interval '90 s' WHERE id = (SELECT min(id) FROM outbox)`,
    );
    await database.query(`UPDATE outbox SET rejected_at = now() WHERE id = (SELECT max(id) FROM outbox)`);
    const found = await scraped(/^orderflow_outbox/);
    expect(found).toMatchObject({ orderflow_outbox_pending_records: 2, orderflow_outbox_rejected_records: 1 });
    expect(found['orderflow_outbox_oldest_age_seconds']).toBeGreaterThanOrEqual(90);
  });

  it('is what is parked, and what of it waits for a person', async () => {
    const { handler, end } = instance(own.url);
    await handler.handle([undecodable(randomUUID()), undecodable(randomUUID())]);
    await database.query(
      `UPDATE parked SET dead_at = now(), consumer = 'payments' WHERE id = (SELECT min(id) FROM parked)`,
    );
    await database.query(`UPDATE parked SET consumer = 'payments'`);
    await end();
    expect(await scraped(/^orderflow_(parked|dead)/)).toEqual({
      'orderflow_parked_records{group="payments"}': 2,
      'orderflow_dead_letters{group="payments"}': 1,
    });
  });

  it('is the calls that have no answer yet', async () => {
    const call = { key: 'k', kind: 'refund', subject: 's', request: {}, context: aContext(), attempts: 1 };
    await new ExternalCalls().add(database, [call]);
    await database.query(`UPDATE external_calls SET created_at = now() - interval '30 s'`);
    const found = await scraped(/^orderflow_external_calls/);
    expect(found['orderflow_external_calls_pending{kind="refund"}']).toBe(1);
    expect(found['orderflow_external_calls_oldest_age_seconds{kind="refund"}']).toBeGreaterThanOrEqual(30);
  });

  it('is how far each group is behind, under the name of the group without the prefix', async () => {
    expect(await scraped(/^orderflow_consumer_lag/)).toEqual({
      'orderflow_consumer_lag_records{group="payments",topic="a.payments/a.orders.events",partition="0"}': 7,
    });
  });

  it('is not known while the database is away: there are no values, and somebody is told why', async () => {
    await database.end();
    expect(await scraped(/^orderflow_(outbox_pending|parked|external_calls)/)).toEqual({});
    expect(errors.length).toBeGreaterThan(0);
    database = new Database(own.url, 'test');
  });
});
