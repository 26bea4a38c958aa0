import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  auditReport,
  type AuditReport,
  type AuditList,
  type JournalSums,
  type Proof,
  proof,
} from '@orderflow/console-api';
import type { Event } from '@orderflow/contracts';
import { SumsOfJournal } from '../src/adapters/proof/journal-sums.js';
import { PostgresAudits } from '../src/adapters/proof/postgres-audits.js';
import { ConsoleApp } from './console-app.js';
import { JournalSystem } from './journal-system.js';
import { aStory } from './stories.js';

const system = new JournalSystem();
const console_ = new ConsoleApp(system);

const reportOf = (at: Date, counts: readonly number[] = [0, 0]): AuditReport => ({
  version: 1,
  at: at.toISOString(),
  deadlineSeconds: 10,
  findings: counts.map((count, index) => ({
    id: `rule-${index}`,
    rule: 'two sides agree',
    expected: '3 orders',
    found: '3 orders',
    count,
    violations: count === 0 ? [] : [{ subject: 'an order', expected: '1', found: '2' }],
  })),
  parkedCount: 0,
  deadCallCount: 0,
  deferredCount: 0,
});

const log = { warn: () => undefined };
const second = (index: number) => new Date(Date.UTC(2026, 10, 1, 12, 0, index));

const post = async (body: unknown, headers: Record<string, string> = { 'x-console': '1' }): Promise<number> => {
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
  return (await fetch(`${console_.url}/api/audits`, init)).status;
};

describe('the audits that are posted', () => {
  beforeEach(async () => {
    await system.database.query('TRUNCATE audits');
  });

  it('are kept once each and listed, the newest first; the last one stands on the page', async () => {
    expect((await console_.get<Proof>('/api/proof')).body).toMatchObject({ audit: null, history: [] });
    const [green, red] = [reportOf(second(1)), reportOf(second(2), [0, 4, 1])];
    for (const report of [red, green, red]) expect(await post(report)).toBe(201);
    const { body } = await console_.get<Proof>('/api/proof');
    const history = [
      { at: red.at, rules: 3, broken: 2 },
      { at: green.at, rules: 2, broken: 0 },
    ];
    expect(proof.parse(body)).toMatchObject({ at: null, audit: red, history });
    expect((await console_.get<AuditList>('/api/audits')).body).toEqual({ items: history });
    expect(auditReport.parse((await console_.get(`/api/audits/${green.at}`)).body)).toEqual(green);
    expect((await console_.get(`/api/audits/${second(3).toISOString()}`)).status).toBe(404);
  });

  it('are at an instant those up to then; sums of then are kept nowhere', async () => {
    for (const index of [1, 2, 3]) await post(reportOf(second(index)));
    const { body } = await console_.get<Proof>(`/api/proof?at=${second(2).toISOString()}`);
    expect(body).toMatchObject({
      at: second(2).toISOString(),
      sums: { state: 'not_kept' },
      audit: reportOf(second(2)),
    });
    expect(body.history.map(({ at }) => at)).toEqual([second(2), second(1)].map((it) => it.toISOString()));
  });

  it('are refused from another origin, in another shape, and with a time that has not come', async () => {
    const report = reportOf(second(1));
    expect(await post(report, {})).toBe(403);
    expect(await post(report, { 'x-console': '1', origin: 'http://elsewhere.example' })).toBe(403);
    expect(await post({ ...report, version: 2 })).toBe(400);
    expect(await post({ ...report, findings: [] })).toBe(400);
    expect(await post({ ...report, by: 'somebody' })).toBe(400);
    expect(await post(reportOf(new Date(Date.now() + 3_600_000)))).toBe(422);
    expect((await console_.get('/api/audits/yesterday')).status).toBe(400);
    expect((await console_.get<AuditList>('/api/audits')).body).toEqual({ items: [] });
  });

  it('are kept up to a thousand: the oldest go first', async () => {
    await system.database.query(
      `INSERT INTO audits (at, rules, broken, report) SELECT now() - interval '1 day' + i * interval '1 s', 1, 0, '{}'
       FROM generate_series(1, 1000) AS i`,
    );
    await new PostgresAudits(system.database).keep(reportOf(new Date()));
    const [row] = await system.database.query<{ count: number; oldest: boolean }>(
      `SELECT count(*)::int AS count, min(at) > now() - interval '1 day' + interval '1 s' AS oldest FROM audits`,
    );
    expect(row).toEqual({ count: 1000, oldest: true });
  });
});

/** The same story, paid in a currency, with a total of 500 and what was captured of it. */
const paid = (ending: string, currency: string, captured = 500): Event[] =>
  aStory(ending).map((event) => {
    const money = { amountMinor: captured, currency };
    switch (event.type) {
      case 'OrderPlaced':
        return { ...event, data: { ...event.data, totalMinor: 500, currency } };
      case 'PaymentCaptured':
        return { ...event, data: { ...event.data, ...money } };
      case 'PaymentRefunded':
        return { ...event, data: { ...event.data, ...money } };
      default:
        return event;
    }
  });

const sumsOf = async (): Promise<JournalSums> => {
  const read = await new SumsOfJournal(system.database, {
    warn: () => undefined,
    debug: () => undefined,
  } as never).read();
  if (read.state !== 'known') throw new Error('the sums are not known');
  return read.value;
};

describe('the sums of the journal', () => {
  beforeAll(async () => {
    await system.consume();
  });
  beforeEach(async () => {
    await system.caughtUp();
    await system.database.query('TRUNCATE heads');
  });

  it('are captured − refunded = confirmed, for each currency; orders that are under way stand beside', async () => {
    const underWay = paid('confirmed', 'EUR').slice(0, 3);
    await system.publish(
      ...paid('confirmed', 'EUR'),
      ...paid('tooLate', 'EUR'),
      ...paid('outOfStock', 'JPY'),
      ...underWay,
    );
    await system.caughtUp();
    expect(await sumsOf()).toEqual({
      money: [
        {
          currency: 'EUR',
          settled: { orders: 2, captured: 1000, refunded: 500, confirmed: 500, differing: 0 },
          underWay: { orders: 1, kept: 500 },
        },
        {
          currency: 'JPY',
          settled: { orders: 1, captured: 0, refunded: 0, confirmed: 0, differing: 0 },
          underWay: { orders: 0, kept: 0 },
        },
      ],
      unknown: 0,
      gaps: { orders: 0, events: 0, first: [] },
    });
  });

  it('count each order that differs, also where two of them make up for each other', async () => {
    await system.publish(...paid('confirmed', 'EUR', 400), ...paid('confirmed', 'EUR', 600));
    await system.caughtUp();
    const [eur] = (await sumsOf()).money;
    expect(eur!.settled).toEqual({ orders: 2, captured: 1000, refunded: 0, confirmed: 1000, differing: 2 });
  });

  it('leave out orders that were stored without amounts, and say how many', async () => {
    await system.publish(...paid('confirmed', 'EUR'), ...paid('confirmed', 'EUR'));
    await system.caughtUp();
    await system.database.query(
      'UPDATE heads SET captured_minor = NULL, refunded_minor = NULL WHERE order_id = (SELECT min(order_id) FROM heads)',
    );
    const { money, unknown } = await sumsOf();
    expect(unknown).toBe(1);
    expect(money[0]!.settled).toEqual({ orders: 1, captured: 500, refunded: 0, confirmed: 500, differing: 0 });
  });

  it('name the orders that have a gap, and how many events are missing', async () => {
    const [placed, ...rest] = paid('tooLate', 'EUR');
    await system.publish(
      placed!,
      ...rest.filter((event) => event.type !== 'StockReserved'),
      ...paid('confirmed', 'EUR'),
    );
    await system.caughtUp();
    expect((await sumsOf()).gaps).toEqual({ orders: 1, events: 1, first: [placed!.subject] });
  });

  it('are read by no page while the database is away, and the page says so', async () => {
    const away = { query: async () => Promise.reject(new Error(`away ${randomUUID()}`)) };
    const read = await new SumsOfJournal(away as never, log).read();
    expect(read).toMatchObject({ state: 'unknown', why: 'The journal does not answer in time.' });
  });
});
