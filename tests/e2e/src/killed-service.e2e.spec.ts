import { describe, expect, it } from '@jest/globals';
import { eventually, inParallel } from '@orderflow/client';
import { fresh } from './support/test-client.js';
import { auditPasses, TestSystem } from './support/test-system.js';

const system = new TestSystem({ mayCopyMails: true, env: { sandbox: { SILENCE_SECONDS: '6', SLOW_SECONDS: '1' } } });

const ORDERS = 500;
const AT_ONCE = 20;
const SCARCE_UNITS = 12;
const OTHERS = ['tok_declined', 'tok_insufficient_funds', 'tok_flaky', 'tok_slow', 'tok_timeout', 'scarce'];
const TOKENS = [...Array<string>(4).fill('tok_visa'), ...OTHERS];
const perToken = ORDERS / TOKENS.length;

describe('500 orders, some beyond stock, while each service is killed and started again', () => {
  it('all settle as their tokens decide: none is lost, charged or mailed twice, and no unit is sold twice', async () => {
    const { client } = system;
    const plenty = await client.newProduct({ units: 10 * ORDERS });
    const scarce = await client.newProduct({ units: SCARCE_UNITS });
    const customerId = fresh('customer');
    const tokens = new Map<string, string>();
    const burst = inParallel(ORDERS, AT_ONCE, async (index) => {
      const wanted = TOKENS[index % TOKENS.length]!;
      const [sku, paymentToken] = wanted === 'scarce' ? [scarce, 'tok_visa'] : [plenty, wanted];
      const order = { customerId, lines: [{ sku, quantity: 1 }], paymentToken };
      tokens.set(await client.placeUntilAccepted(order), wanted);
    });
    for (const [count, name] of [
      [50, 'inventory'],
      [120, 'payments'],
      [190, 'orders'],
      [260, 'notifications'],
    ] as const) {
      await eventually(() => expect(tokens.size).toBeGreaterThanOrEqual(count), 90_000);
      await system.kill(name);
      await system.start(name);
    }
    await burst;
    const orders = await client.allSettled(customerId, ORDERS, 120_000);
    expect(new Set(orders.map(({ orderId }) => orderId))).toEqual(new Set(tokens.keys()));

    const endings = Map.groupBy(orders, ({ orderId, cancelReason, status }) => {
      return `${tokens.get(orderId)} ${cancelReason ?? status}`;
    });
    expect(Object.fromEntries([...endings].map(([ending, { length }]) => [ending, length]))).toEqual({
      'tok_visa confirmed': 4 * perToken,
      'tok_declined payment_declined': perToken,
      'tok_insufficient_funds payment_declined': perToken,
      'tok_flaky confirmed': perToken,
      'tok_slow confirmed': perToken,
      'tok_timeout confirmed': perToken,
      'scarce confirmed': SCARCE_UNITS,
      'scarce out_of_stock': perToken - SCARCE_UNITS,
    });
    expect(await client.product(scarce)).toMatchObject({
      onHand: 0,
      reserved: 0,
      available: 0,
      committed: SCARCE_UNITS,
    });
    expect(await client.product(plenty)).toMatchObject({ reserved: 0, committed: 7 * perToken });
    for (const { orderId, cancelReason } of orders) {
      expect(await client.charges(orderId)).toHaveLength(cancelReason === 'out_of_stock' ? 0 : 1);
      expect(await client.mails(orderId)).toHaveLength(1);
    }
  }, 300_000);
});

auditPasses(system);
