import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { metricsText } from '@orderflow/telemetry';
import { Database } from '../src/store/database.js';
import { measure } from '../src/runtime/gauges.js';
import { OffsetRows } from '../src/offsets/consumed-offsets.js';
import { Outbox } from '../src/outbox/outbox.js';
import { ExternalCalls } from '../src/calls/external-calls.js';
import { aContext, undecodable } from './counters.js';
import { CountersDatabase } from './counters-database.js';

const counters = new CountersDatabase('test');
let errors: unknown[];

beforeEach(() => measureWith(counters.database));

function measureWith(database: Database): void {
  errors = [];
  measure({
    database,
    broker: {
      lagOf: async (group, topics) =>
        topics.map((topic) => ({ topic: `${group}/${topic}`, partition: 0, next: '0', records: 7, expired: 3 })),
    },
    topicPrefix: 'a.',
    topics: new Map([['payments', ['a.orders.events']]]),
    published: ['a.payments.events'],
    kinds: ['charge', 'refund'],
    onError: (error) => errors.push(error),
  });
}

/** The values of the metrics whose name matches, by name and labels. */
async function scraped(pattern: RegExp): Promise<Record<string, number>> {
  await setImmediate();
  const lines = (await metricsText()).text.split('\n').filter((line) => pattern.test(line) && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
  );
}

const record = () => ({ topic: 't', key: randomUUID(), value: Buffer.from('x'), headers: {} });

describe('the gauges of a service', () => {
  it('are 0 where nothing waits', async () => {
    expect(
      await scraped(/^orderflow_(outbox_pending|outbox_oldest|outbox_rejected|parked|dead|expired_un|external_calls)/),
    ).toEqual({
      orderflow_outbox_pending_records: 0,
      orderflow_outbox_oldest_age_seconds: 0,
      orderflow_outbox_rejected_records: 0,
      'orderflow_parked_records{group="payments"}': 0,
      'orderflow_dead_letters{group="payments"}': 0,
      'orderflow_expired_unacknowledged_records{group="payments"}': 0,
      'orderflow_external_calls_pending{kind="charge"}': 0,
      'orderflow_external_calls_pending{kind="refund"}': 0,
      'orderflow_external_calls_oldest_age_seconds{kind="charge"}': 0,
      'orderflow_external_calls_oldest_age_seconds{kind="refund"}': 0,
      'orderflow_external_calls_dead{kind="charge"}': 0,
      'orderflow_external_calls_dead{kind="refund"}': 0,
      'orderflow_external_calls_deferred_orders{kind="charge"}': 0,
      'orderflow_external_calls_deferred_orders{kind="refund"}': 0,
    });
  });

  it('tell what the broker has lost of the published records, by partition', async () => {
    await counters.database.query(
      `INSERT INTO published_offsets VALUES ('a.payments.events', 0, 9, 0), ('a.payments.events', 1, 9, 4), ('b', 0, 9, 9)`,
    );
    expect(await scraped(/^orderflow_lost/)).toEqual({
      'orderflow_lost_records{topic="a.payments.events",partition="0"}': 0,
      'orderflow_lost_records{topic="a.payments.events",partition="1"}': 4,
    });
  });

  it('count the pending and the rejected rows of the outbox, with the age of the oldest', async () => {
    await new Outbox().append(counters.database, [record(), record(), record()]);
    await counters.database.query(
      `UPDATE outbox SET created_at = now() - interval '90 s' WHERE id = (SELECT min(id) FROM outbox)`,
    );
    await counters.database.query(`UPDATE outbox SET rejected_at = now() WHERE id = (SELECT max(id) FROM outbox)`);
    const found = await scraped(/^orderflow_outbox/);
    expect(found).toMatchObject({ orderflow_outbox_pending_records: 2, orderflow_outbox_rejected_records: 1 });
    expect(found['orderflow_outbox_oldest_age_seconds']).toBeGreaterThanOrEqual(90);
  });

  it('count the parked records and the dead letters among them', async () => {
    await counters.instance().handler.handle([undecodable(randomUUID()), undecodable(randomUUID())]);
    await counters.database.query(
      `UPDATE parked SET dead_at = now(), consumer = 'payments' WHERE id = (SELECT min(id) FROM parked)`,
    );
    await counters.database.query(`UPDATE parked SET consumer = 'payments'`);
    expect(await scraped(/^orderflow_(parked|dead)/)).toEqual({
      'orderflow_parked_records{group="payments"}': 2,
      'orderflow_dead_letters{group="payments"}': 1,
    });
  });

  it('count the orders with a call that the other side has put off, also while it is made again', async () => {
    const calls = new ExternalCalls();
    const call = { kind: 'refund', request: {}, context: aContext(), attempts: 1 };
    const keys = ['a', 'b', 'c', 'd'];
    const rows = keys.map((key) => ({ ...call, key, subject: key === 'b' ? 'a' : key }));
    await calls.add(counters.database, rows);
    const put = (key: string, waitsFor: 'other-side' | 'operator') =>
      calls.retryIn(counters.database, { key, attempts: 1 }, 0, { reason: 'full', waitsFor });
    for (const key of ['a', 'b', 'c']) await put(key, 'other-side');
    await put('d', 'operator');
    await calls.claim(counters.database, ['refund'], 9);
    expect(await scraped(/^orderflow_external_calls_deferred_orders.*refund/)).toEqual({
      'orderflow_external_calls_deferred_orders{kind="refund"}': 2,
    });
    await calls.answered(counters.database, keys);
  });

  it('count the external calls that have no answer yet, with the age of the oldest', async () => {
    const call = { key: 'k', kind: 'refund', subject: 's', request: {}, context: aContext(), attempts: 1 };
    await new ExternalCalls().add(counters.database, [call]);
    await counters.database.query(`UPDATE external_calls SET created_at = now() - interval '30 s'`);
    const found = await scraped(/^orderflow_external_calls/);
    expect(found['orderflow_external_calls_pending{kind="refund"}']).toBe(1);
    expect(found['orderflow_external_calls_oldest_age_seconds{kind="refund"}']).toBeGreaterThanOrEqual(30);
    await counters.database.query(`UPDATE external_calls SET dead_at = now(), next_attempt_at = NULL`);
    expect(await scraped(/^orderflow_external_calls.*refund/)).toEqual({
      'orderflow_external_calls_pending{kind="refund"}': 0,
      'orderflow_external_calls_oldest_age_seconds{kind="refund"}': 0,
      'orderflow_external_calls_dead{kind="refund"}': 1,
      'orderflow_external_calls_deferred_orders{kind="refund"}': 0,
    });
  });

  it('show the lag of each consumer group, and what expired unread, under its name without the prefix', async () => {
    expect(await scraped(/^orderflow_(consumer_lag|expired)_records\{/)).toEqual({
      'orderflow_consumer_lag_records{group="payments",topic="a.payments/a.orders.events",partition="0"}': 7,
      'orderflow_expired_records{group="payments",topic="a.payments/a.orders.events",partition="0"}': 3,
    });
  });

  it('count the records that expired unread, until an operator has acknowledged them', async () => {
    const gone = { topic: 't', partition: 0, first: '5', next: '9' };
    const offsets = new OffsetRows('payments');
    await offsets.set(counters.database, [{ topic: 't', partition: 0, next: '5', appendedAt: null }]);
    await offsets.skip(counters.database, [gone]);
    expect(await scraped(/^orderflow_expired_un/)).toEqual({
      'orderflow_expired_unacknowledged_records{group="payments"}': 4,
    });
    await counters.database.query(`UPDATE expired_ranges SET acknowledged_at = now(), operator = 'ada', reason = 'r'`);
    expect(await scraped(/^orderflow_expired_un/)).toEqual({
      'orderflow_expired_unacknowledged_records{group="payments"}': 0,
    });
  });

  it('have no values while the database is away, and the error is reported', async () => {
    const away = new Database(counters.url, 'away');
    await away.end();
    measureWith(away);
    expect(await scraped(/^orderflow_(outbox_pending|parked|external_calls)/)).toEqual({});
    expect(errors.length).toBeGreaterThan(0);
  });
});
