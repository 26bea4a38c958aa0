import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from './support/eventually.js';
import { OtlpCollector } from './support/otlp-collector.js';
import { SpanTree } from './support/span-tree.js';
import { outcomesIn, wholeTrace } from './support/whole-trace.js';
import { World } from './support/world.js';

let collector: OtlpCollector;
let world: World;

beforeAll(async () => {
  collector = await OtlpCollector.open();
  const all = { ...collector.env, OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' };
  world = await World.open({ env: { all, sandbox: { SLOW_SECONDS: '1' } } });
});
afterAll(async () => {
  await world?.close();
  await collector?.close();
});

async function traceOfOrder(token: string, quantity = 1) {
  const { shop } = world;
  const sku = await shop.sells({ units: 1 });
  const orderId = await shop.place({ lines: [{ sku, quantity }], token });
  const { traceId, status } = await shop.settled(orderId);
  return { orderId, traceId, status };
}

describe('where no trace is sampled', () => {
  it('an order that goes well leaves none, and a cancelled one is there all the same, from its first span on', async () => {
    const well = await traceOfOrder('tok_visa');
    const declined = await traceOfOrder('tok_declined');
    const tree = await wholeTrace(
      () => collector.traceOf(declined.traceId),
      ['OrderPlaced', 'StockReserved', 'PaymentDeclined', 'OrderCancelled', 'StockReleased', 'NotificationSent'],
    );
    expect(outcomesIn(tree)).toEqual(['orders: payment_declined']);
    expect(tree.named(/^(commit|call|POST)/).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['commit orders', 'commit payments', 'call charge', 'call mail']),
    );
    // The provider hears no more of the order, and keeps its part to itself.
    expect(tree.services.toSorted()).toEqual(['inventory', 'notifications', 'orders', 'payments']);
    // It was settled before the other one was placed: had it been sent, it would have come before.
    expect(well.status).toBe('confirmed');
    expect(collector.traceOf(well.traceId)).toEqual([]);
  });

  it('one that the customer cancels is there, too', async () => {
    const { shop } = world;
    const sku = await shop.sells({ units: 1 });
    const orderId = await shop.place({ lines: [{ sku, quantity: 1 }], token: 'tok_slow' });
    await shop.chargeOf(orderId);
    await shop.cancel(orderId);
    const { traceId } = await shop.settled(orderId);
    await wholeTrace(
      () => collector.traceOf(traceId),
      [
        ...(['OrderPlaced', 'StockReserved', 'OrderCancelled', 'StockReleased', 'NotificationSent'] as const),
        ...(['PaymentCaptured', 'PaymentRefunded', 'NotificationSent'] as const),
      ],
    );
  });

  it('one that is confirmed after an error on its way is there from the request on', async () => {
    const { traceId, status } = await traceOfOrder('tok_flaky');
    expect(status).toBe('confirmed');
    const tree = await eventually(() => {
      const found = new SpanTree(collector.traceOf(traceId));
      expect(found.roots.map(({ name }) => name)).toEqual(['POST /orders']);
      expect(found.named(/^call charge$/).filter(({ failed }) => failed)).toHaveLength(2);
      expect(found.named(/^call mail$/)).toHaveLength(1);
      return found;
    });
    expect(tree.services).toEqual(expect.arrayContaining(['orders', 'payments', 'notifications']));
  });
});
