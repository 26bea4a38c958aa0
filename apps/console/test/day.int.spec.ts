import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import type { Day } from '@orderflow/console-api';
import { systemClock } from '@orderflow/durable';
import { json } from 'node:stream/consumers';
import { ORDERS_A_DAY, planDay } from '../src/domain/shop/day.js';
import { ConsoleSettings } from '../src/http/console-settings.js';
import { ShopDay } from '../src/http/day/shop-day.js';

interface Asked {
  readonly path: string;
  readonly key: string | undefined;
  readonly body: unknown;
}

/** Orders and inventory, as far as a day needs them. */
class Services {
  readonly placed: Asked[] = [];
  readonly cancelled: string[] = [];
  readonly delivered = new Map<string, number>();
  /** How often each order is answered 503 first. */
  failures = 0;
  isAway = false;
  private readonly attempts = new Map<string, number>();
  private readonly server = createServer((request, reply) => void this.answer(request, reply));

  async start(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async answer(request: IncomingMessage, reply: ServerResponse): Promise<void> {
    const path = decodeURIComponent(request.url ?? '');
    const body = request.headers['content-type'] === undefined ? undefined : await json(request);
    const [status, answer] = this.decide(path, request.headers['idempotency-key']?.toString(), body);
    reply.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }

  private decide(path: string, key: string | undefined, body: unknown): [number, unknown] {
    if (this.isAway) return [503, {}];
    const [, what, id = '', action] = /^\/([^/]+)(?:\/(.+?))?(?:\/(deliveries|cancel))?$/.exec(path) ?? [];
    if (what === 'products') {
      const { quantity } = body as { quantity?: number };
      if (action === 'deliveries') this.delivered.set(id, (this.delivered.get(id) ?? 0) + (quantity ?? 0));
      return [200, { available: this.delivered.get(id) ?? 0 }];
    }
    if (action === 'cancel') {
      this.cancelled.push(id);
      return [202, {}];
    }
    const attempt = (this.attempts.get(key ?? '') ?? 0) + 1;
    this.attempts.set(key ?? '', attempt);
    if (attempt <= this.failures) return [503, {}];
    this.placed.push({ path, key, body });
    return [202, { orderId: randomUUID() }];
  }
}

const settingsFor = (url: string, hasExamples: boolean): ConsoleSettings =>
  new ConsoleSettings(
    { orders: url, inventory: url, payments: url, notifications: url },
    undefined,
    hasExamples,
    undefined,
  );

/** As fast as the shelves are filled. */
const FAST = 6_000;
const plan = planDay();

describe('a day at the shop', () => {
  let services: Services;
  let url: string;
  let shop: ShopDay;

  beforeEach(async () => {
    services = new Services();
    url = await services.start();
    shop = new ShopDay(settingsFor(url, true), systemClock);
  });
  afterEach(async () => {
    await shop.onModuleDestroy();
    await services.stop();
  });

  const ended = async (): Promise<Day> =>
    eventually(() => (shop.state().state === 'under_way' ? false : shop.state()), 60_000);

  it('delivers what its orders need, places each of them once, and cancels those that are to be cancelled', async () => {
    expect(shop.state()).toMatchObject({ state: 'none', accepted: 0 });
    expect(shop.start(FAST)).toMatchObject({ state: 'under_way', orders: ORDERS_A_DAY });
    expect(await ended()).toMatchObject({ state: 'over', accepted: ORDERS_A_DAY, refused: 0, why: null });
    expect(services.placed.map(({ body }) => body)).toEqual(
      expect.arrayContaining(plan.orders.map(({ sale }) => sale)),
    );
    expect(services.placed).toHaveLength(ORDERS_A_DAY);
    expect(services.delivered).toEqual(new Map([...plan.stock].map(([sku, { units }]) => [sku, units])));
    expect(services.cancelled).toHaveLength(2);
    expect(shop.state().biggest.orderId).toMatch(/^[0-9a-f-]{36}$/);
  }, 90_000);

  it('places at once what is due by the clock, and is over by the clock', async () => {
    let now = Date.UTC(2026, 10, 24, 8);
    shop = new ShopDay(settingsFor(url, true), { ...systemClock, now: () => now });
    const { startedAt } = shop.start(1);
    now += ORDERS_A_DAY * 60_000;
    expect(await ended()).toMatchObject({ state: 'over', accepted: ORDERS_A_DAY, startedAt });
    expect([startedAt, shop.state().endedAt]).toEqual(['2026-11-24T08:00:00.000Z', '2026-11-24T09:05:00.000Z']);
  }, 90_000);

  it('asks again with the same key while orders is away, and places no order twice', async () => {
    services.failures = 1;
    shop.start(FAST);
    expect(await ended()).toMatchObject({ state: 'over', accepted: ORDERS_A_DAY, refused: 0 });
    expect(new Set(services.placed.map(({ key }) => key)).size).toBe(ORDERS_A_DAY);
  }, 90_000);

  it('is one at a time: a second one is refused until the first is over', async () => {
    shop.start(1);
    expect(() => shop.start(FAST)).toThrow(expect.objectContaining({ status: 409 }));
    await shop.stop();
    expect(shop.start(1)).toMatchObject({ state: 'under_way' });
  });

  it('ends early when it is stopped, and places nothing more', async () => {
    shop.start(1);
    await eventually(() => services.delivered.size > 0);
    const state = await shop.stop();
    expect(state).toMatchObject({ state: 'stopped', endedAt: expect.any(String) });
    expect(state.accepted).toBe(services.placed.length);
    expect(state.accepted).toBeLessThan(ORDERS_A_DAY);
  });

  it('ends with the process, also while every service is away', async () => {
    services.isAway = true;
    shop.start(FAST);
    await eventually(() => shop.state().state === 'under_way');
    await shop.onModuleDestroy();
    expect(shop.state()).toMatchObject({ state: 'stopped', accepted: 0 });
  });

  it('is not played where the examples are off', () => {
    const without = new ShopDay(settingsFor('http://127.0.0.1:1', false), systemClock);
    expect(without.state().state).toBe('off');
    expect(() => without.start(FAST)).toThrow(expect.objectContaining({ status: 404 }));
  });
});
