import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from './support/eventually.js';
import type { Order } from './support/shop-answers.js';
import { World } from './support/world.js';

let world: World;

beforeAll(async () => {
  world = await World.open({
    env: {
      orders: { ORDER_DEADLINE_SECONDS: '6' },
      // Longer than tok_slow takes, so that its answer comes while orders is down.
      payments: { PAYMENT_PROVIDER_TIMEOUT_MS: '8000', CALL_MAX_BACKOFF_MS: '1000' },
      sandbox: { SLOW_SECONDS: '6', SILENCE_SECONDS: '25' },
    },
  });
});
afterAll(async () => world?.close());

const ORDERS = 8;

const countOf = async (what: string): Promise<number> => {
  const [row] = await world.rowsOf<{ count: number }>(
    'orders',
    `SELECT count(*)::int AS count FROM deadlines WHERE ${what}`,
  );
  return row!.count;
};

async function placeSome(sku: string, token: string): Promise<string[]> {
  const place = async () => world.shop.place({ lines: [{ sku, quantity: 1 }], token });
  return Promise.all(Array.from({ length: ORDERS }, place));
}

/** Kills orders within the last second before the deadlines of all these orders, none of which has passed unseen. */
async function killedJustBefore(sku: string): Promise<{ silent: string[]; late: string[] }> {
  const { shop, system } = world;
  for (let attempt = 1; ; attempt++) {
    const [silent, late] = await Promise.all([placeSome(sku, 'tok_timeout'), placeSome(sku, 'tok_slow')]);
    for (const orderId of [...silent, ...late]) await shop.chargeOf(orderId);
    await eventually(async () => expect(await countOf(`due_at < now() + interval '1 second'`)).toBeGreaterThan(0));
    await system.service('orders').kill('SIGKILL');
    if ((await countOf('true')) === 2 * ORDERS) return { silent, late };
    // A machine that was too slow: those that were cancelled meanwhile prove nothing.
    if (attempt === 5) throw new Error('orders was never killed before the first deadline');
    await system.service('orders').start();
    for (const orderId of [...silent, ...late]) await shop.settled(orderId, 90_000);
  }
}

const outcomeOf = ({ status, stock, payment, cancelReason }: Order) =>
  [status, stock, payment, cancelReason].join(' ').trim();

describe('orders, killed just before deadlines and started after them', () => {
  it('cancels what is overdue once, also where the money comes at the same moment', async () => {
    const { shop, system } = world;
    const sku = await shop.sells({ units: 10 * ORDERS });
    const { silent, late } = await killedJustBefore(sku);
    const before = await shop.product(sku);
    await eventually(async () => expect(await countOf('due_at >= now()')).toBe(0));
    // Its answers come while orders is down: the captures wait in the topic, the deadlines in the table.
    for (const orderId of late)
      await eventually(async () => expect(await shop.payment(orderId)).toMatchObject({ status: 'captured' }));
    expect(await countOf('true')).toBe(2 * ORDERS);
    await system.service('orders').start();

    const timedOut = 'cancelled released refunded timed_out';
    for (const orderId of silent) expect(outcomeOf(await shop.settled(orderId, 90_000))).toBe(timedOut);
    const confirmed = [];
    for (const orderId of late) {
      const outcome = outcomeOf(await shop.settled(orderId, 90_000));
      // Whichever orders reads first wins.
      expect([timedOut, 'confirmed committed captured']).toContain(outcome);
      if (outcome !== timedOut) confirmed.push(orderId);
    }
    for (const orderId of [...silent, ...late]) {
      expect(await shop.charges(orderId)).toHaveLength(1);
      const events = await world.rowsOf('orders', 'SELECT type FROM order_events WHERE order_id = $1', [orderId]);
      expect(events).toHaveLength(2);
    }
    expect(await countOf('true')).toBe(0);
    expect((await shop.product(sku)).committed - before.committed).toBe(confirmed.length);
  }, 240_000);
});

it('leaves books that add up', async () => {
  expect(await world.audit()).toEqual({ violations: [], parked: [] });
});
