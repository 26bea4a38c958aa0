import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Order,
  order,
  orderCounts,
  orderDiff,
  type OrderDiff,
  orderPage,
  type OrderPage,
  recordedEvent,
  story,
  type Story,
} from '@orderflow/console-api';
import type { Event } from '@orderflow/contracts';
import { eventually, StreamReader } from '@orderflow/client';
import { ConsoleApp } from './console-app.js';
import { JournalSystem } from './journal-system.js';
import { aStory } from './stories.js';

const system = new JournalSystem();
const console_ = new ConsoleApp(system);
let confirmed: Event[];
let tooLate: Event[];

beforeAll(async () => {
  await system.consume();
  confirmed = aStory('confirmed');
  tooLate = aStory('tooLate');
  for (const event of confirmed) await system.publish(event);
  for (const event of tooLate) await system.publish(event);
  await system.caughtUp();
  await system.beganAnHourAgo();
});

const idOf = ([placed]: Event[]): string => placed!.subject;

describe('GET /api/orders/{id}', () => {
  it('answers for now, and for each instant at which one of its events was appended', async () => {
    const now = await console_.get<Order>(`/api/orders/${idOf(tooLate)}`);
    expect(order.parse(now.body)).toMatchObject({ status: 'cancelled', payment: 'refunded', settled: true });
    const { body } = await console_.get<Story>(`/api/orders/${idOf(tooLate)}/story`);
    for (const [index, { appendedAt }] of story.parse(body).events.entries()) {
      const then = await console_.get<Order>(`/api/orders/${idOf(tooLate)}?at=${appendedAt}`);
      expect(then.body.told.length).toBeGreaterThanOrEqual(index + 1);
      expect(then.body.asOf).toMatchObject({ at: appendedAt, complete: true });
    }
    const exact = await console_.get<Order>(`/api/orders/${idOf(tooLate)}?heard=orders:1,inventory:1`);
    expect(exact.body).toMatchObject({ status: 'placed', stock: 'reserved', payment: 'pending', waitsFor: 'payments' });
  });

  it('tells when an order came to be, that an instant is to come, and that a vector was not heard', async () => {
    const path = `/api/orders/${idOf(confirmed)}`;
    const { body } = await console_.get<Story>(`${path}/story`);
    const placedAt = body.events[0]!.appendedAt;
    const early = await console_.get(`/api/orders/${idOf(tooLate)}?at=${placedAt}`);
    expect(early).toMatchObject({ status: 404, body: { existsSince: expect.any(String) } });
    const before = new Date(Date.parse(placedAt) - 60_000).toISOString();
    expect(await console_.get(`${path}?at=${before}`)).toMatchObject({ status: 404, body: { existsSince: placedAt } });
    expect(await console_.get(`${path}?at=2999-01-01T00:00:00Z`)).toMatchObject({ status: 422 });
    expect(await console_.get(`${path}?heard=orders:9`)).toMatchObject({ status: 422, body: { heard: 2 } });
    expect((await console_.get(`/api/orders/${randomUUID()}`)).status).toBe(404);
  });

  it('tells that the journal begins later than an order of which the topics have lost the beginning', async () => {
    const [, reserved] = aStory('confirmed');
    await system.publish(reserved!);
    await system.caughtUp();
    const answer = await console_.get(`/api/orders/${reserved!.subject}?at=2026-01-01T00:00:00Z`);
    expect(answer).toMatchObject({ status: 410, body: { journalSince: expect.any(String) } });
    expect((await console_.get(`/api/orders/${reserved!.subject}`)).body).toMatchObject({ status: null });
  });

  it.each(['at=yesterday', 'at=2026-02-30T00:00:00Z', 'heard=shipping:1', 'at=2026-01-01T00:00:00Z&heard=orders:1'])(
    'refuses %s by name',
    async (query) => {
      const answer = await console_.get(`/api/orders/${idOf(confirmed)}?${query}`);
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ message: expect.any(String) }] } });
    },
  );
});

describe('the answers about a system', () => {
  it('list orders, the newest first, page by page, as they were', async () => {
    const first = await console_.get<OrderPage>('/api/orders?limit=1');
    expect(orderPage.parse(first.body).items.map(({ orderId }) => orderId)).toEqual([idOf(tooLate)]);
    const second = await console_.get<OrderPage>(`/api/orders?limit=1&after=${first.body.next}`);
    expect(second.body.items.map(({ orderId }) => orderId)).toEqual([idOf(confirmed)]);
    expect(second.body.next).toBeNull();
    const { body } = await console_.get<Story>(`/api/orders/${idOf(confirmed)}/story`);
    const then = await console_.get<OrderPage>(`/api/orders?at=${body.events[0]!.appendedAt}`);
    expect(then.body.items).toMatchObject([{ orderId: idOf(confirmed), settled: false }]);
    expect((await console_.get('/api/orders?after=tampered')).status).toBe(400);
  });

  it('list what was under way, settled and undecided at an instant', async () => {
    const ids = async (query: string) => {
      const { status, body } = await console_.get<OrderPage>(`/api/orders?${query}`);
      expect(status).toBe(200);
      return body.items.map(({ orderId }) => orderId);
    };
    const { body } = await console_.get<Story>(`/api/orders/${idOf(tooLate)}/story`);
    const cancelledAt = body.events.find(({ type }) => type === 'OrderCancelled')!.appendedAt;
    const settledAt = body.order.settledAt!;
    // The first order was settled before this one was placed.
    expect(await ids(`settled=false&at=${cancelledAt}`)).toEqual([idOf(tooLate)]);
    expect(await ids(`settled=false&status=cancelled&at=${cancelledAt}`)).toEqual([idOf(tooLate)]);
    expect(await ids(`settled=true&at=${cancelledAt}`)).toEqual([idOf(confirmed)]);
    expect(await ids(`status=placed&at=${cancelledAt}`)).toEqual([]);
    expect(await ids(`status=placed&at=${body.order.placedAt}`)).toEqual([idOf(tooLate)]);
    expect(await ids(`settled=false&at=${settledAt}`)).toEqual([]);
    expect(await ids(`settled=true&at=${settledAt}`)).toEqual([idOf(tooLate), idOf(confirmed)]);
  });

  it.each(['customerId', 'sku'])('list the orders of a %s alone', async (filter) => {
    const [placed] = confirmed;
    if (placed?.type !== 'OrderPlaced') throw new Error('the story begins with another event');
    const { customerId, lines } = placed.data;
    const value = filter === 'sku' ? lines[0]!.sku : customerId;
    const listed = async (wanted: string) =>
      (await console_.get<OrderPage>(`/api/orders?${filter}=${encodeURIComponent(wanted)}`)).body.items;
    expect((await listed(value)).map(({ orderId }) => orderId)).toContain(idOf(confirmed));
    expect(await listed('another one')).toEqual([]);
  });

  it('list the cancelled orders of one reason, also as of an instant', async () => {
    const ids = async (query: string) =>
      (await console_.get<OrderPage>(`/api/orders?${query}`)).body.items.map(({ orderId }) => orderId);
    expect(await ids('reason=timed_out')).toEqual([idOf(tooLate)]);
    expect(await ids('reason=out_of_stock')).toEqual([]);
    const { body } = await console_.get<Story>(`/api/orders/${idOf(tooLate)}/story`);
    expect(await ids(`reason=timed_out&at=${body.events[0]!.appendedAt}`)).toEqual([]);
    expect(await ids(`reason=timed_out&at=${body.events.at(-1)!.appendedAt}`)).toEqual([idOf(tooLate)]);
    expect((await console_.get('/api/orders?reason=mood')).status).toBe(400);
  });

  it('list the orders in trouble: not settled well after their deadline, which the pages are told', async () => {
    expect((await console_.get('/api/me')).body).toMatchObject({ orderDeadlineSeconds: 10 });
    const placedAgo = (seconds: number) =>
      system.database.query(
        `UPDATE heads SET placed_at = now() - make_interval(secs => $2), settled = false WHERE order_id = $1`,
        [idOf(confirmed), seconds],
      );
    const [before] = await system.database.query<{ at: Date; settledAt: Date }>(
      'SELECT placed_at AS at, settled_at AS "settledAt" FROM heads WHERE order_id = $1',
      [idOf(confirmed)],
    );
    const troubled = async () => (await console_.get<OrderPage>('/api/orders?trouble=overdue')).body.items.length;
    const troubledAt = async (minutes: number) => {
      const at = new Date(Date.now() - minutes * 60_000).toISOString();
      return (await console_.get<OrderPage>(`/api/orders?trouble=overdue&at=${at}`)).body.items.length;
    };
    await placedAgo(30);
    expect(await troubled()).toBe(0);
    await placedAgo(60);
    expect(await troubled()).toBe(1);
    await system.database.query(
      `UPDATE heads SET placed_at = now() - interval '10 minutes', settled_at = now() - interval '2 minutes', settled = true
       WHERE order_id = $1`,
      [idOf(confirmed)],
    );
    expect(await troubled()).toBe(0);
    expect(await troubledAt(3)).toBe(1);
    expect(await troubledAt(9.5)).toBe(0);
    expect(await troubledAt(1)).toBe(0);
    await system.database.query(
      'UPDATE heads SET placed_at = $2, settled_at = $3, settled = true WHERE order_id = $1',
      [idOf(confirmed), before!.at, before!.settledAt],
    );
  });

  it('count orders now and then', async () => {
    const now = await console_.get('/api/orders/counts');
    expect(orderCounts.parse(now.body)).toEqual({ all: 2, underWay: 0, confirmed: 1, cancelled: 1 });
    const { body } = await console_.get<Story>(`/api/orders/${idOf(confirmed)}/story`);
    const then = await console_.get(`/api/orders/counts?at=${body.events[0]!.appendedAt}`);
    expect(then.body).toEqual({ all: 1, underWay: 1, confirmed: 0, cancelled: 0 });
  });

  it('name the fields that differ between two instants, and one event', async () => {
    const { body } = await console_.get<Story>(`/api/orders/${idOf(confirmed)}/story`);
    const [first, last] = [body.events[0]!.appendedAt, body.events.at(-1)!.appendedAt];
    const diff = await console_.get<OrderDiff>(`/api/orders/${idOf(confirmed)}/diff?from=${first}&to=${last}`);
    expect(orderDiff.parse(diff.body).changes).toContainEqual({ field: 'status', from: 'placed', to: 'confirmed' });
    const event = await console_.get(`/api/events/${confirmed[0]!.id}`);
    expect(recordedEvent.parse(event.body).event).toMatchObject({ type: 'OrderPlaced', data: { customerId: 'c-1' } });
  });
});

describe('a command', () => {
  it('is passed on to orders with its key, and only from a page of the console', async () => {
    const post = (headers: Record<string, string>) =>
      fetch(`${console_.url}/api/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: '{"customerId":"ada"}',
      });
    expect((await post({})).status).toBe(403);
    expect((await post({ 'x-console': '1', origin: 'http://elsewhere.example' })).status).toBe(403);
    expect(console_.passedOn).toEqual([]);
    const answer = await post({ 'x-console': '1', origin: console_.url, 'idempotency-key': 'k-1' });
    expect([answer.status, answer.headers.get('location')]).toEqual([202, '/api/orders/an-id']);
    expect(console_.passedOn).toMatchObject([
      { url: '/orders', headers: { 'idempotency-key': 'k-1' }, body: '{"customerId":"ada"}' },
    ]);
  });
});

describe('GET /api/stream', () => {
  it('loses no change of an order and goes back with none when it is cut again and again', async () => {
    const url = `${console_.url}/api/stream?channels=orders`;
    let reader = await new StreamReader().open(url);
    const hello = await reader.until(({ name }) => name === 'hello');
    const seen = new Map<string, { told: string[] }>();
    const take = () => {
      for (const frame of reader.named('orders'))
        for (const row of frame.data['up'] as { orderId: string; told: string[] }[]) {
          expect(row.told.length).toBeGreaterThanOrEqual(seen.get(row.orderId)?.told.length ?? 0);
          seen.set(row.orderId, row);
        }
    };
    const stories = Array.from({ length: 12 }, () => aStory('outOfStock'));
    for (const told of stories) {
      await system.publish(...told);
      await system.caughtUp();
      await reader.until(({ name }) => name === 'orders');
      // Cut off as soon as something has arrived; what comes after it comes in the next stream.
      await reader.close();
      take();
      reader = await new StreamReader().open(url, reader.lastId);
    }
    const end = await system.journal.end();
    await eventually(async () => expect(reader.lastId).toBe(end));
    await reader.close();
    take();
    const all = await console_.get<OrderPage>('/api/orders?limit=12');
    for (const row of all.body.items) expect(seen.get(row.orderId)).toEqual(row);
    expect(BigInt(reader.lastId ?? 0)).toBeGreaterThan(BigInt(String(hello.data['position'])));
  });

  it('sends the story of an open order when one of its events arrives, also where its id was given in capitals', async () => {
    const [placed, ...rest] = aStory('confirmed');
    await system.publish(placed!);
    await system.caughtUp();
    const channel = `order:${placed!.subject.toUpperCase()}`;
    const reader = await new StreamReader().open(`${console_.url}/api/stream?channels=${channel}`);
    await reader.until(({ name }) => name === 'hello');
    await system.publish(...rest);
    const frame = await reader.until(
      ({ data }) => (data['order'] as { settled?: boolean } | undefined)?.settled === true,
    );
    expect(story.parse(frame.data).events).toHaveLength(1 + rest.length);
    await reader.close();
  });

  it('tells a stream that is too far behind to fetch anew', async () => {
    const end = BigInt(await system.journal.end());
    await system.database.query('UPDATE journal_end SET position = position + 6000');
    const reader = await new StreamReader().open(`${console_.url}/api/stream?channels=orders`, String(end));
    const reset = await reader.until(({ name }) => name === 'reset');
    expect(reset.data).toEqual({ why: 'too_old', position: String(end + 6000n) });
    await reader.close();
  });

  it.each(['', 'everything', 'order:no-id'])('refuses the channels %j', async (channels) => {
    const answer = await console_.get(`/api/stream?channels=${channels}`);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'channels' }] } });
  });
});

describe('the pages', () => {
  it.each(['/', '/orders', `/orders/${randomUUID()}?at=2026-11-24T14:02:11.140Z`])('are served at %s', async (path) => {
    const answer = await fetch(console_.url + path, { headers: { accept: 'text/html' } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^text\/html/);
    expect(answer.headers.get('cache-control')).toBe('no-cache');
    const policy = answer.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(await answer.text()).not.toMatch(/<script>|<style|style=|https?:/);
  });

  it('load scripts that a browser may keep for ever, compressed', async () => {
    const html = await (await fetch(console_.url)).text();
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(html)?.[1];
    const answer = await fetch(`${console_.url}${script}`, { headers: { 'accept-encoding': 'br' } });
    expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(answer.headers.get('content-encoding')).toBe('br');
  });

  it('have no examples where they are not switched on', async () => {
    const ask = async (headers: Record<string, string>) =>
      (await fetch(`${console_.url}/api/examples/confirmed`, { method: 'POST', headers })).status;
    expect(await ask({ 'x-console': '1' })).toBe(404);
    expect(await ask({})).toBe(403);
  });
});
