import { describe, expect, it } from '@jest/globals';
import { eventually, inParallel, type Order } from '@orderflow/client';
import { fresh } from './support/test-client.js';
import { auditPasses, TestSystem } from './support/test-system.js';

const system = new TestSystem({ env: { sandbox: { SILENCE_SECONDS: '6', SLOW_SECONDS: '1' } } });

const ORDERS = 500;
const AT_ONCE = 20;
const SCARCE_UNITS = 12;
const TOKENS = [
  'tok_visa',
  'tok_visa',
  'tok_visa',
  'tok_visa',
  'tok_declined',
  'tok_insufficient_funds',
  'tok_flaky',
  'tok_slow',
  'tok_timeout',
  'scarce',
] as const;
const perToken = ORDERS / TOKENS.length;

describe('500 orders, some beyond stock, while inventory, then payments, then orders is killed', () => {
  it('all settle as their tokens decide, and no unit is sold twice', async () => {
    const { client } = system;
    const plenty = await client.newProduct({ units: 10 * ORDERS });
    const scarce = await client.newProduct({ units: SCARCE_UNITS });
    const customerId = fresh('customer');
    const tokens = new Map<string, string>();
    const place = async (index: number): Promise<void> => {
      const wanted = TOKENS[index % TOKENS.length]!;
      const [sku, token] = wanted === 'scarce' ? [scarce, 'tok_visa'] : [plenty, wanted];
      tokens.set(
        await client.placeUntilAccepted({ customerId, lines: [{ sku, quantity: 1 }], paymentToken: token }),
        wanted,
      );
    };
    const reached = async (count: number) =>
      eventually(() => expect(tokens.size).toBeGreaterThanOrEqual(count), 90_000);

    const burst = inParallel(ORDERS, AT_ONCE, place);
    for (const [count, name] of [
      [50, 'inventory'],
      [120, 'payments'],
      [190, 'orders'],
    ] as const) {
      await reached(count);
      await system.kill(name);
      await system.start(name);
    }
    await burst;
    const orders = await client.allSettled(customerId, ORDERS, 120_000);
    expect(orders.length).toBe(tokens.size);

    const endings = new Map<string, Order[]>();
    for (const order of orders) {
      const token = tokens.get(order.orderId)!;
      const ending = `${token} ${order.cancelReason ?? order.status}`;
      endings.set(ending, [...(endings.get(ending) ?? []), order]);
    }
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
    expect(await client.product(scarce)).toMatchObject({ onHand: 0, reserved: 0, committed: SCARCE_UNITS });
    expect(await client.product(plenty)).toMatchObject({ reserved: 0, committed: 7 * perToken });
  }, 240_000);
});

auditPasses(system);
