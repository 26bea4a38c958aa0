import { describe, expect, it } from '@jest/globals';
import { bounds } from '@orderflow/contracts';
import { fresh } from './support/test-client.js';
import { auditPasses, TestSystem } from './support/test-system.js';

const system = new TestSystem();

/** Defines a product with stock. */
async function onSale(sku: string, priceMinor: number, units: number): Promise<string> {
  await system.client.stockUp({ sku, name: sku, priceMinor, currency: 'EUR' }, units);
  return sku;
}

describe('an order as customers place it', () => {
  it('with a SKU in several lines keeps its lines, and reserves their sum', async () => {
    const { client } = system;
    const sku = await onSale(`${fresh('A')} 50% OFF/+& (1)`, 250, 10);
    const quantities = [3, 1, 2];
    const orderId = await client.place({ lines: quantities.map((quantity) => ({ sku, quantity })) });
    const lines = quantities.map((quantity) => ({ sku, quantity, unitPriceMinor: 250 }));
    expect(await client.settled(orderId)).toMatchObject({ status: 'confirmed', lines, totalMinor: 1_500 });
    expect(await client.product(sku)).toMatchObject({ onHand: 4, reserved: 0, committed: 6 });
    const tooMuch = await client.place({ lines: quantities.map((quantity) => ({ sku, quantity })) });
    expect(await client.settled(tooMuch)).toMatchObject({ status: 'cancelled', cancelReason: 'out_of_stock' });
  });

  it('that costs nothing is confirmed without a charge', async () => {
    const { client } = system;
    const sku = await onSale(fresh('gift'), 0, 1);
    const orderId = await client.place({ lines: [{ sku, quantity: 1 }] });
    expect(await client.settled(orderId)).toMatchObject({ status: 'confirmed', payment: 'captured', totalMinor: 0 });
    expect(await client.charges(orderId)).toEqual([]);
    expect((await client.mails(orderId)).map(({ template }) => template)).toEqual(['order-confirmed']);
  });

  it('with the most lines, and with a price beyond 32 bits, is confirmed', async () => {
    const { client } = system;
    const large = await onSale(fresh('fridge'), 4_500_000_000, 1);
    const many = await onSale(`${fresh('m')}${'x'.repeat(64)}`.slice(0, 64), 1, bounds.lines);
    const lines = Array.from({ length: bounds.lines - 1 }, () => ({ sku: many, quantity: 1 }));
    const orderId = await client.place({ lines: [{ sku: large, quantity: 1 }, ...lines] });
    const order = await client.settled(orderId);
    expect(order).toMatchObject({ status: 'confirmed', totalMinor: 4_500_000_000 + bounds.lines - 1 });
    expect(order.lines[0]).toEqual({ sku: large, quantity: 1, unitPriceMinor: 4_500_000_000 });
    const [charge] = await client.charges(orderId);
    expect(charge).toMatchObject({ amountMinor: order.totalMinor });
  });
});

auditPasses(system);
