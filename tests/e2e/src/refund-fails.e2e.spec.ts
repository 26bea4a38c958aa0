import { describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { Scrape } from './support/scrape.js';
import { auditPasses, TestSystem } from './support/test-system.js';

const system = new TestSystem({ env: { payments: { CALL_MAX_BACKOFF_MS: '50' }, sandbox: { SLOW_SECONDS: '4' } } });

const MANY = 1_000_000;

async function refundsThatFailed(): Promise<number> {
  const { payments } = await system.client.faults();
  return MANY - (payments as { failRefunds: number }).failRefunds;
}

const refundsOf = async (orderId: string) =>
  system.rowsOf<{ key: string }>(
    'sandbox',
    `SELECT refunds.idempotency_key AS key FROM refunds JOIN charges USING (charge_id) WHERE order_id = $1`,
    [orderId],
  );

describe('a refund that fails a hundred times', () => {
  it('is repeated until it succeeds, shows as stuck meanwhile, and is made once', async () => {
    const { client } = system;
    const sku = await client.newProduct({ units: 20 });
    await client.setFaults({ payments: { failRefunds: MANY } });
    const orderId = await client.placeAndCancel(sku, 2);

    await eventually(async () => expect(await refundsThatFailed()).toBeGreaterThanOrEqual(100), 120_000);
    expect(await client.order(orderId)).toMatchObject({ status: 'cancelled', payment: 'captured', settled: false });
    expect((await Scrape.of(client, 'payments')).sum('orderflow_external_calls_pending', { kind: 'refund' })).toBe(1);
    const { violations } = await system.audit(0);
    expect(violations).toEqual([expect.stringMatching(`^every order is settled, .*: ${orderId}`)]);

    await client.setFaults({ payments: {} });
    expect(await client.settled(orderId)).toMatchObject({
      status: 'cancelled',
      payment: 'refunded',
      stock: 'released',
    });
    expect(await client.charges(orderId)).toMatchObject([
      { status: 'captured', amountMinor: 3_000, refundedMinor: 3_000 },
    ]);
    expect(await refundsOf(orderId)).toEqual([{ key: `refund-${orderId}` }]);
    expect(await client.mailsOf(orderId)).toEqual(['order-cancelled x1', 'payment-refunded x1']);
  }, 300_000);
});

auditPasses(system);
