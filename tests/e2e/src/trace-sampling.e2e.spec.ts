import { describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { OtlpCollector } from './support/otlp-collector.js';
import { eventsOfOrder } from './support/published-events.js';
import { SpanTree } from './support/span-tree.js';
import { wholeTrace } from './support/whole-trace.js';
import { TestSystem } from './support/test-system.js';

const collector = new OtlpCollector();
const system = new TestSystem({
  collector,
  env: {
    all: { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' },
    sandbox: { SLOW_SECONDS: '4' },
  },
});

const declinedTrace = async (traceId: string) => wholeTrace(collector, traceId, eventsOfOrder.declined);

describe('where no trace is sampled', () => {
  it('a confirmed order leaves none', async () => {
    const confirmed = await system.client.settledOrder('tok_visa');
    const declined = await system.client.settledOrder('tok_declined');
    expect(confirmed.status).toBe('confirmed');
    // The later trace is complete: an earlier one would have arrived before.
    await declinedTrace(declined.traceId);
    expect(collector.traceOf(confirmed.traceId)).toEqual([]);
  });

  it('a cancelled order leaves its whole trace, without the spans of the provider', async () => {
    const { traceId } = await system.client.settledOrder('tok_declined');
    const tree = await declinedTrace(traceId);
    expect(tree.outcomes).toEqual(['orders: payment_declined']);
    expect(tree.named(/^(commit|call|POST)/).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['commit orders', 'commit payments', 'call charge', 'call mail']),
    );
    // The provider does not learn of the cancellation, so its spans stay unsampled.
    expect(tree.services.toSorted()).toEqual(['inventory', 'notifications', 'orders', 'payments']);
  });

  it('an order that the customer cancels leaves its whole trace, too', async () => {
    const { client } = system;
    const orderId = await client.placeAndCancel(await client.newProduct({ units: 10 }));
    const { traceId } = await client.settled(orderId);
    await wholeTrace(collector, traceId, eventsOfOrder.refunded);
  });

  it('an order that is confirmed after an error leaves its trace from the request on', async () => {
    const { traceId, status } = await system.client.settledOrder('tok_flaky');
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
