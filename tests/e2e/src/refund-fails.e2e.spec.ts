import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from './support/eventually.js';
import { demand } from './support/http.js';
import { Scrape } from './support/scrape.js';
import { World } from './support/world.js';

let world: World;

beforeAll(async () => {
  world = await World.open({ env: { payments: { CALL_MAX_BACKOFF_MS: '50' }, sandbox: { SLOW_SECONDS: '2' } } });
});
afterAll(async () => world?.close());

const MANY = 1_000_000;

async function refundsThatFailed(): Promise<number> {
  const { payments } = await demand<{ payments: { failRefunds: number } }>(`${world.shop.urls.sandbox}/faults`);
  return MANY - payments.failRefunds;
}

const refundsOf = async (orderId: string) =>
  world.rowsOf<{ key: string }>(
    'sandbox',
    `SELECT refunds.idempotency_key AS key FROM refunds JOIN charges USING (charge_id) WHERE order_id = $1`,
    [orderId],
  );

describe('a refund that fails a hundred times', () => {
  it('is asked for until it works, is seen to be stuck meanwhile, and is made once', async () => {
    const { shop } = world;
    const sku = await shop.sells({ units: 2 });
    const orderId = await shop.place({ lines: [{ sku, quantity: 2 }], token: 'tok_slow' });
    await shop.chargeOf(orderId);
    await shop.faults({ payments: { failRefunds: MANY } });
    await shop.cancel(orderId);

    await eventually(async () => expect(await refundsThatFailed()).toBeGreaterThanOrEqual(100), 120_000);
    expect(await shop.order(orderId)).toMatchObject({ status: 'cancelled', payment: 'captured', settled: false });
    expect((await Scrape.of(shop.urls.payments)).sum('orderflow_external_calls_pending', { kind: 'refund' })).toBe(1);
    const { violations } = await world.audit(0);
    expect(violations).toEqual([
      expect.stringContaining(`every order is settled, or younger than its deadline: ${orderId}`),
    ]);

    await shop.faults({ payments: {} });
    expect(await shop.settled(orderId)).toMatchObject({ status: 'cancelled', payment: 'refunded', stock: 'released' });
    expect(await shop.charges(orderId)).toMatchObject([
      { status: 'captured', amountMinor: 3_000, refundedMinor: 3_000 },
    ]);
    expect(await refundsOf(orderId)).toEqual([{ key: `refund-${orderId}` }]);
    const mails = (await shop.mails(orderId)).map(({ template, copies }) => `${template} x${copies}`);
    expect(mails.toSorted()).toEqual(['order-cancelled x1', 'payment-refunded x1']);
  }, 180_000);
});

it('leaves books that add up', async () => {
  expect(await world.audit()).toEqual({ violations: [], parked: [] });
});
