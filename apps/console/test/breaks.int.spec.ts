import { once } from 'node:events';
import { createServer, request as ask } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { breaks as breaksShape, type Breaks } from '@orderflow/console-api';
import { BreaksController } from '../src/http/breaks.controller.js';
import { ConsoleSettings } from '../src/http/console-settings.js';
import { systemClock } from '@orderflow/durable';
import { scansOf } from '@orderflow/testing';
import { ConsoleApp } from './console-app.js';
import { JournalSystem } from './journal-system.js';
import { aStory } from './stories.js';

const system = new JournalSystem();
const console_ = new ConsoleApp(system);

/** Answers as the sandbox does, and keeps what was asked of it. */
const asked: unknown[] = [];
let faults: object;
const sandbox = createServer((request, reply) => {
  void (async () => {
    if (request.method === 'PUT') asked.push(await json(request));
    reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(faults));
  })();
});
let controller: BreaksController;
let now: number | undefined;

beforeAll(async () => {
  sandbox.listen(0, '127.0.0.1');
  await once(sandbox, 'listening');
  const url = `http://127.0.0.1:${(sandbox.address() as AddressInfo).port}`;
  const urls = { orders: url, inventory: url, payments: url, notifications: url };
  const clock = { ...systemClock, now: () => now ?? Date.now() };
  controller = new BreaksController(new ConsoleSettings(urls, undefined, false, url), system.journal, clock);
  await system.consume();
});
afterAll(() => {
  sandbox.closeAllConnections();
  sandbox.close();
});

const works = { outage: false, delayMs: 0 };
const own = { 'x-console': '1', host: 'localhost:3000' };
const ended = (until: Date) => ({
  since: new Date(until.getTime() - 30_000).toISOString(),
  until: until.toISOString(),
});

describe('a break', () => {
  beforeEach(() => {
    asked.length = 0;
    now = undefined;
    const until = new Date(Date.now() + 10_000).toISOString();
    faults = {
      payments: { ...works, outage: true },
      mail: works,
      last: { payments: { since: new Date().toISOString(), until }, mail: null },
    };
  });

  it('is a fault of the sandbox, which the sandbox ends', async () => {
    const answer = breaksShape.parse(await controller.begin('provider-away', { forSeconds: 10 }, own, undefined));
    expect(asked).toEqual([{ payments: { outage: true }, forSeconds: 10 }]);
    expect(answer.parts).toMatchObject([
      { part: 'payments', on: 'provider-away', isBroken: true, until: expect.any(String), healing: null },
      { part: 'mail', on: null, isBroken: false, until: null, healing: null },
    ]);
  });

  it('lasts until its end by the clock of the console', async () => {
    const until = new Date(Date.now() + 3_600_000);
    faults = { payments: { ...works, outage: true }, mail: works, last: { payments: ended(until), mail: null } };
    const isBroken = async () => (await controller.current(undefined)).parts[0]!.isBroken;
    now = until.getTime() - 1;
    expect(await isBroken()).toBe(true);
    now = until.getTime();
    expect(await isBroken()).toBe(false);
  });

  it('is ended early by a part without a fault', async () => {
    await controller.end('mail-slow', own, undefined);
    expect(asked).toEqual([{ mail: {} }]);
  });

  it.each([
    ['without the header of the pages', { host: 'localhost:3000' }],
    ['from a page of another origin', { ...own, origin: 'http://elsewhere.example' }],
    ['by a name that is made to point at this machine', { ...own, host: 'elsewhere.example:3000' }],
    ['without a host', { 'x-console': '1', host: undefined }],
  ])('is refused %s', async (_, headers) => {
    await expect(controller.begin('mail-away', { forSeconds: 5 }, headers, undefined)).rejects.toMatchObject({
      status: 403,
    });
    expect(asked).toEqual([]);
  });

  it('heals: of the orders that were under way when it ended, it tells how many wait, and since when none does', async () => {
    const [placed, ...rest] = aStory('confirmed');
    await system.publish(placed!);
    await system.caughtUp();
    const until = new Date();
    faults = { payments: works, mail: works, last: { payments: ended(until), mail: null } };
    const healing = async () => (await controller.current(undefined)).parts[0]!.healing;
    expect(await healing()).toEqual({ held: 1, waiting: 1, healedAt: null });
    // Placed later: it was not held up.
    await system.publish(...aStory('confirmed'));
    await system.publish(...rest);
    await system.caughtUp();
    const healed = await healing();
    expect(healed).toEqual({ held: 1, waiting: 0, healedAt: expect.any(String) });
    expect(Date.parse(healed!.healedAt!)).toBeGreaterThanOrEqual(until.getTime());
  });
});

describe('where BREAKS is off', () => {
  it('nothing can be broken, and the page is told so', async () => {
    expect(await console_.get<Breaks>('/api/breaks')).toMatchObject({ status: 200, body: { isOn: false, parts: [] } });
    const post = (path: string) =>
      fetch(console_.url + path, {
        method: 'POST',
        headers: { 'x-console': '1', 'content-type': 'application/json' },
        body: '{}',
      });
    expect((await post('/api/breaks/mail-away')).status).toBe(404);
    expect((await post('/api/breaks/everything')).status).toBe(400);
  });

  it('a name of another machine is refused first', async () => {
    const headers = { 'x-console': '1', 'content-type': 'application/json', host: 'elsewhere.example' };
    const request = ask(`${console_.url}/api/breaks/mail-away`, { method: 'POST', headers }).end('{}');
    const [reply] = (await once(request, 'response')) as [{ statusCode: number; resume: () => void }];
    reply.resume();
    expect(reply.statusCode).toBe(403);
  });
});

it('the orders that a break held up are found by an index, whatever their number', async () => {
  // One each second: 20,000 are more than five hours.
  for (let first = 1; first <= 20_000; first += 2_000)
    await system.database.query(
      `INSERT INTO heads (order_id, stock, payment, settled, placed_at, settled_at, updated_at, said_at, told, heard)
       SELECT 'many-' || n, 'committed', 'captured', true, at, at, at, at, '{}', '{}'
       FROM generate_series($1::int, $1 + 1999) AS n, LATERAL (SELECT now() - n * interval '1 second' AS at)`,
      [first],
    );
  await system.database.query('ANALYZE heads');
  const scans = await scansOf(system.url, async () => system.journal.heldAt(new Date()));
  expect(scans.length).toBeGreaterThan(0);
  for (const { type, read } of scans) {
    expect(type).not.toBe('Seq Scan');
    expect(read).toBeLessThan(4_000);
  }
});
