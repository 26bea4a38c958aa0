import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { flow, type Flow, type FlowRates } from '@orderflow/console-api';
import type { Service } from '@orderflow/contracts';
import { eventually } from '@orderflow/client';
import { LiveFigures } from '../src/adapters/flow/live-figures.js';
import { OpenRecords } from '../src/adapters/flow/open-records.js';
import { Tallies } from '../src/adapters/flow/tallies.js';
import { ratesOf, spanBefore } from '../src/domain/flow/rates.js';
import { shownFlow } from '../src/domain/flow/shown-flow.js';
import { ConsoleApp } from './console-app.js';
import { JournalSystem } from './journal-system.js';
import { aStory } from './stories.js';

const system = new JournalSystem();
const console_ = new ConsoleApp(system);
/** What `GET /outbox` of every service answers. */
let outbox: { status: number; body: string };
let asked = 0;
let services: Server;
let figures: LiveFigures;

beforeAll(async () => {
  await system.consume();
  services = createServer((_request, response) => {
    asked += 1;
    response.writeHead(outbox.status, { 'content-type': 'application/json' });
    response.end(outbox.body);
  });
  await new Promise<void>((resolve) => services.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  services.close();
});

const url = () => `http://127.0.0.1:${(services.address() as { port: number }).port}`;
const UNREACHABLE = 'http://127.0.0.1:1';

beforeEach(() => {
  outbox = { status: 200, body: '{"pending":3,"oldestAgeMs":12,"rejected":0}' };
  asked = 0;
  const urls: Record<Service, string> = {
    orders: url(),
    inventory: url(),
    payments: UNREACHABLE,
    notifications: url(),
  };
  const { broker, database, journal, prefix } = system;
  const log = { warn: () => undefined };
  const parts = {
    broker,
    tallies: new Tallies(database),
    openRecords: new OpenRecords(database),
    through: () => journal.through(),
    prefix,
    urls,
    log,
  };
  figures = new LiveFigures(parts);
});

const countOf = (rates: FlowRates, type: string) => rates.events.find((it) => it.type === type)?.count;
const now = async (): Promise<Flow> => flow.parse(await shownFlow(figures, undefined));

describe('rates', () => {
  it('count the events of the last minute, and those of a minute in the past', async () => {
    const confirmed = aStory('confirmed');
    await system.publish(...confirmed);
    const rates = await eventually(async () => {
      const reading = await figures.rates();
      if (reading.state !== 'known') throw new Error('not yet');
      for (const { type } of confirmed) expect([type, countOf(reading.value, type)]).toEqual([type, 1]);
      expect(reading.value).toMatchObject({ seconds: 60, complete: true });
      return reading.value;
    });
    expect(
      rates.events
        .filter(({ count }) => count > 0)
        .map(({ type }) => type)
        .toSorted(),
    ).toEqual(confirmed.map(({ type }) => type).toSorted());
    const before = await figures.ratesAt(new Date(Date.parse(rates.until) - 3_600_000));
    expect(before.events.every(({ count }) => count === 0)).toBe(true);
  });

  it('of a span that continues another are those of the whole span', async () => {
    const tallies = new Tallies(system.database);
    await system.publish(...aStory('confirmed'));
    await system.caughtUp();
    const end = Date.now() + 3_000;
    const types = aStory('confirmed').map(({ type }) => type);
    // A second at a time: the events of one are at the end of a span, and then at its border.
    for (let seconds = 20; seconds >= 0; seconds -= 1) {
      const span = spanBefore(new Date(end - seconds * 1_000));
      expect(ratesOf(types, await tallies.next(span), span)).toEqual(ratesOf(types, await tallies.between(span), span));
    }
  });

  it('do not count an event that the relay sent again', async () => {
    const story = aStory('outOfStock');
    await system.publish(...story, ...story);
    await system.caughtUp();
    await eventually(async () => {
      const rates = await figures.ratesAt(new Date());
      expect(countOf(rates, 'StockRejected')).toBe(1);
    });
  });
});

describe('lag', () => {
  it('of a group is the records whose offsets it has not committed', async () => {
    await eventually(async () => {
      const lag = (await now()).groups.find(({ group }) => group === 'console.journal')?.lag;
      expect(lag).toMatchObject({ state: 'known', value: { records: 0, oldestAt: null, expired: 0 } });
    });
    // No service runs here, so its group has read nothing.
    const { groups } = await now();
    const lag = groups.find(({ group }) => group === 'payments')?.lag;
    if (lag?.state !== 'known') throw new Error('the lag is not known');
    expect(lag.value.records).toBe(lag.value.topics.reduce((sum, { records }) => sum + records, 0));
    expect(lag.value.topics.map(({ topic }) => topic)).toEqual(['orders.events', 'inventory.events']);
    expect(lag.value.records).toBeGreaterThan(0);
    const [first] = await system.database.query<{ at: Date }>(
      `SELECT min(appended_at) AS at FROM journal WHERE topic IN ('orders.events', 'inventory.events')`,
    );
    expect(lag.value.oldestAt).toBe(first!.at.toISOString());
  });
});

describe('the outbox of a service', () => {
  it('is what the service says, asked once however many pages ask', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, async () => now()));
    expect(answers[0]!.producers.map(({ outbox: { state } }) => state)).toEqual(['known', 'known', 'unknown', 'known']);
    expect(answers[19]!.producers[0]!.outbox).toMatchObject({ value: { pending: 3, oldestAgeMs: 12, rejected: 0 } });
    expect(asked).toBe(3);
  });

  it('is not known, and never zero, where the service cannot be reached', async () => {
    const { producers } = await now();
    expect(producers.find(({ service }) => service === 'payments')?.outbox).toEqual({
      state: 'unknown',
      since: expect.any(String),
      why: 'payments does not answer',
    });
  });

  it.each([
    [503, '{"title":"Service Unavailable"}'],
    [200, '{"pending":"none"}'],
    [200, '<html>'],
  ])('is not known where the answer is %i %s', async (status, body) => {
    outbox = { status, body };
    expect((await now()).producers[0]!.outbox).toMatchObject({ state: 'unknown' });
  });
});

describe('GET /api/flow', () => {
  it('answers with the graph and with what is known of it', async () => {
    const { status, body } = await console_.get<Flow>('/api/flow');
    expect(status).toBe(200);
    expect(flow.parse(body).topics.map(({ topic }) => topic)).toContain('orders.events');
  });

  it('answers for an instant in the past with rates alone', async () => {
    const at = new Date().toISOString();
    const { body } = await console_.get<Flow>(`/api/flow?at=${at}`);
    const { rates, producers, groups } = flow.parse(body);
    expect(rates).toMatchObject({ state: 'known', at });
    expect([...producers.map(({ outbox: it }) => it), ...groups.map(({ lag }) => lag)]).toEqual(
      Array.from({ length: producers.length + groups.length }, () => ({ state: 'not_kept' })),
    );
  });

  it.each([
    ['2999-01-01T00:00:00Z', 422],
    ['2001-01-01T00:00:00Z', 410],
    ['yesterday', 400],
  ])('refuses the instant %s with %i', async (at, status) => {
    expect((await console_.get(`/api/flow?at=${at}`)).status).toBe(status);
  });
});
