import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually } from './support/eventually.js';
import { discardHeads } from './support/letters.js';
import { OtlpCollector, type Span } from './support/otlp-collector.js';
import { SpanTree } from './support/span-tree.js';
import { World } from './support/world.js';

let collector: OtlpCollector;
let world: World;

beforeAll(async () => {
  collector = await OtlpCollector.open();
  world = await World.open({ env: { all: collector.env, sandbox: { SLOW_SECONDS: '2' } } });
});
afterAll(async () => {
  await world?.close();
  await collector?.close();
});

const processedBy = (tree: SpanTree, group: string, type: string): Span[] =>
  tree
    .named(/^process /)
    .filter(
      ({ attributes }) =>
        attributes['messaging.consumer.group.name'] === group && attributes['cloudevents.event_type'] === type,
    )
    .toSorted((one, other) => one.startedAt - other.startedAt);

it('an event that was parked and is handled later stays in the trace of its order, with both attempts', async () => {
  const { shop, tap } = world;
  const sku = await shop.sells({ units: 10 });
  const orderId = await shop.place({ lines: [{ sku, quantity: 4 }], token: 'tok_slow' });
  await shop.chargeOf(orderId);
  const { traceId } = await shop.order(orderId);
  // Nobody can read it, and inventory parks what comes of the order behind it.
  await tap.send([{ topic: tap.topicOf('orders'), key: orderId, value: Buffer.from('not { Avro'), headers: {} }]);
  const parked = async () =>
    world.rowsOf<{ id: string }>('inventory', 'SELECT id FROM parked WHERE subject = $1', [orderId]);
  await eventually(async () => expect(await parked()).toHaveLength(2));
  await discardHeads(world, ['inventory', 'payments', 'notifications', 'orders'], orderId);
  await shop.settled(orderId);

  await eventually(() => {
    const tree = new SpanTree(collector.traceOf(traceId));
    const [first, second, ...more] = processedBy(tree, 'inventory', 'OrderConfirmed');
    expect(first).toMatchObject({ failed: true, attributes: { 'orderflow.handled': 'parked' } });
    expect(second).toMatchObject({ failed: false, attributes: { 'orderflow.handled': 'done' } });
    expect(more).toEqual([]);
    // Both are children of the one span that sent it, and what came of it goes on below the second.
    expect(second?.parentSpanId).toBe(first?.parentSpanId);
    const committed = tree
      .named(/^send /)
      .filter((span) => span.attributes['cloudevents.event_type'] === 'StockCommitted');
    expect(committed.map(({ parentSpanId }) => parentSpanId)).toEqual([second?.spanId]);
    expect(tree.orphans).toEqual([]);
    expect(tree.roots.map(({ name }) => name)).toEqual(['POST /orders']);
  });
});

it('a record that cannot be read is in the trace that its header names, whatever is in it', async () => {
  const { shop, tap } = world;
  const sku = await shop.sells({ units: 1 });
  const orderId = await shop.place({ lines: [{ sku, quantity: 1 }] });
  const { traceId } = await shop.settled(orderId);
  const [record] = tap.recordsOf(orderId);
  const traceparent = record!.headers['traceparent']!.toString();
  const headers = { ce_type: 'OrderConfirmed', traceparent };
  await tap.send([{ topic: tap.topicOf('orders'), key: orderId, value: Buffer.from('junk'), headers }]);
  await eventually(() => {
    const tree = new SpanTree(collector.traceOf(traceId));
    const parked = tree.named(/^process /).filter(({ attributes }) => attributes['orderflow.handled'] === 'parked');
    expect(parked.map(({ attributes }) => attributes['messaging.consumer.group.name'])).toContain('inventory');
    expect(parked.every(({ failed }) => failed)).toBe(true);
    expect(tree.orphans).toEqual([]);
  });
});
