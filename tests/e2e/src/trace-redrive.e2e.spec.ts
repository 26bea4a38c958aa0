import { expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { services } from '@orderflow/contracts';
import { discardHeads } from './support/parked.js';
import { OtlpCollector } from './support/otlp-collector.js';
import { groupOf, SpanTree } from './support/span-tree.js';
import { TestSystem } from './support/test-system.js';

const collector = new OtlpCollector();
const system = new TestSystem({ collector, env: { sandbox: { SLOW_SECONDS: '2' } } });

it('an event that is parked and handled later stays in the trace of its order, with both attempts', async () => {
  const { client, eventTap } = system;
  const sku = await client.newProduct({ units: 10 });
  const orderId = await client.place({ lines: [{ sku, quantity: 4 }], paymentToken: 'tok_slow' });
  await client.chargeOf(orderId);
  const { traceId } = await client.order(orderId);
  // Undecodable: inventory parks it, and the later events of the order behind it.
  await eventTap.publish([
    { topic: eventTap.topicOf('orders'), key: orderId, value: Buffer.from('not { Avro'), headers: {} },
  ]);
  const parked = async () =>
    system.rowsOf<{ id: string }>('inventory', 'SELECT id FROM parked WHERE subject = $1', [orderId]);
  await eventually(async () => expect(await parked()).toHaveLength(2));
  await discardHeads(system, services, orderId);
  await client.settled(orderId);

  await eventually(() => {
    const tree = new SpanTree(collector.traceOf(traceId));
    const [first, second, ...more] = tree
      .spansOf('process', 'OrderConfirmed')
      .filter((span) => groupOf(span) === 'inventory');
    expect(first).toMatchObject({ failed: true, attributes: { 'orderflow.handled': 'parked' } });
    expect(second).toMatchObject({ failed: false, attributes: { 'orderflow.handled': 'done' } });
    expect(more).toEqual([]);
    // Both are children of the one span that sent it, and its effects continue below the second.
    expect(second?.parentSpanId).toBe(first?.parentSpanId);
    const committed = tree.spansOf('send', 'StockCommitted');
    expect(committed.map(({ parentSpanId }) => parentSpanId)).toEqual([second?.spanId]);
    expect(tree.orphans).toEqual([]);
    expect(tree.roots.map(({ name }) => name)).toEqual(['POST /orders']);
  });
});

it('an undecodable record is in the trace of its traceparent header', async () => {
  const { client, eventTap } = system;
  const { orderId, traceId } = await client.settledOrder();
  const [record] = eventTap.recordsOf(orderId);
  const traceparent = record!.headers['traceparent']!.toString();
  const headers = { ce_type: 'OrderConfirmed', traceparent };
  await eventTap.publish([{ topic: eventTap.topicOf('orders'), key: orderId, value: Buffer.from('junk'), headers }]);
  await eventually(() => {
    const tree = new SpanTree(collector.traceOf(traceId));
    const parked = tree.named(/^process /).filter(({ attributes }) => attributes['orderflow.handled'] === 'parked');
    expect(parked.map(groupOf)).toContain('inventory');
    expect(parked.every(({ failed }) => failed)).toBe(true);
    expect(tree.orphans).toEqual([]);
  });
});
