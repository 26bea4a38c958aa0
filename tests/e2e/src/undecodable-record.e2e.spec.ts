import { beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, type ParkedRecord, type TapRecord } from '@orderflow/client';
import { PARTITIONS, type Service, services } from '@orderflow/contracts';
import { untilAllConsumed } from './support/all-consumed.js';
import { OtlpCollector } from './support/otlp-collector.js';
import { discardHeads, untilChargeIsDue } from './support/parked.js';
import { eventsOfOrder, eventsOnceComplete, handMadeEvent } from './support/published-events.js';
import { groupOf, SpanTree } from './support/span-tree.js';
import { auditPasses, TestSystem } from './support/test-system.js';

const collector = new OtlpCollector();
const system = new TestSystem({ collector, env: { sandbox: { SLOW_SECONDS: '4' } } });

/** The records of an order that the service's own consumer group has parked, in order. */
const parkedAt = async (service: Service, orderId: string): Promise<ParkedRecord[]> =>
  (await system.client.deadLetters(service, { consumer: service })).filter((parked) => parked.orderId === orderId);

/** A well-formed record of an order, to be malformed. */
async function wellFormed(orderId: string): Promise<TapRecord & { value: Buffer }> {
  const data = { email: 'ada@example.com', totalMinor: 1, currency: 'EUR' };
  return system.eventTap.toRecord(handMadeEvent(orderId, { type: 'OrderConfirmed', data }, 2));
}

const unknownSchemaId = Buffer.concat([Buffer.from([0, 0x7f, 0xff, 0xff, 0xf0]), Buffer.alloc(40, 7)]);

type WellFormed = Awaited<ReturnType<typeof wellFormed>>;

const withType = (record: WellFormed, type: string): TapRecord => ({
  ...record,
  headers: { ...record.headers, ce_type: type },
});

const malformations: Readonly<{ [kind: string]: (record: WellFormed) => TapRecord }> = {
  'bytes that are not Avro': (record) => ({ ...record, value: Buffer.from('not { Avro') }),
  // The schema is known, the rest is missing.
  'a frame around bytes that are not Avro': (record) => ({ ...record, value: record.value.subarray(0, 12) }),
  'an unknown schema id': (record) => ({ ...record, value: unknownSchemaId }),
  'no type in its headers': ({ headers: { ce_id: id = '' }, ...record }) => ({ ...record, headers: { ce_id: id } }),
  'another type in its headers than in its value': (record) => withType(record, 'OrderCancelled'),
  'no value': (record) => ({ ...record, value: null }),
};
const kinds = Object.keys(malformations);

describe('an undecodable record', () => {
  const orders = new Map<string, { orderId: string; sku: string }>();
  const orderOf = (kind: string) => orders.get(kind)!;

  const publish = async (kind: string): Promise<void> => {
    const { client, eventTap } = system;
    const sku = await client.newProduct({ units: 10 });
    const orderId = await client.place({ lines: [{ sku, quantity: 4 }] });
    // Inventory and payments know the order; the provider has not answered yet.
    await untilChargeIsDue(system, orderId);
    await eventTap.publish([malformations[kind]!(await wellFormed(orderId))]);
    orders.set(kind, { orderId, sku });
    await eventually(async () => expect(await parkedAt('inventory', orderId)).toHaveLength(1));
  };

  const expectParked = async (kind: string): Promise<void> =>
    expect(await parkedAt('inventory', orderOf(kind).orderId)).toMatchObject([
      { state: expect.not.stringMatching('waiting') },
      { type: 'OrderConfirmed', state: 'waiting' },
    ]);

  beforeAll(async () => {
    await system.client.setFaults({ payments: { outage: true } });
    try {
      await Promise.all(kinds.map(publish));
    } finally {
      await system.client.setFaults({ payments: {} });
    }
  });

  it.each(kinds)('with %s is parked, with the later events of its order behind it', async (kind) => {
    await eventually(async () => expectParked(kind));
  });

  it.each(kinds)('with %s leaves stock and mail of its order as they were', async (kind) => {
    const { orderId, sku } = orderOf(kind);
    expect(await system.client.product(sku)).toMatchObject({ onHand: 10, reserved: 4, committed: 0 });
    expect(await system.client.mails(orderId)).toEqual([]);
  });

  it('holds back no other order', async () => {
    const partitions = [...orders.values()].map(({ orderId }) => system.eventTap.partitionOf(orderId));
    await untilAllConsumed(system, new Set(partitions));
    for (const kind of kinds) await expectParked(kind);
  });

  describe('once it is discarded', () => {
    beforeAll(async () => {
      for (const { orderId } of orders.values()) await discardHeads(system, services, orderId);
    });

    it.each(kinds)('with %s lets its order end confirmed, with one mail', async (kind) => {
      const { orderId } = orderOf(kind);
      expect(await system.client.settled(orderId)).toMatchObject({ status: 'confirmed', stock: 'committed' });
      expect(await system.client.mailsOf(orderId)).toEqual(['order-confirmed x1']);
      expect(await parkedAt('inventory', orderId)).toEqual([]);
    });

    it('keeps both attempts of the event behind it in the trace of its order', async () => {
      const { traceId } = await system.client.order(orderOf(kinds[0]!).orderId);
      await eventually(() => {
        const tree = new SpanTree(collector.traceOf(traceId));
        const attempts = tree.spansOf('process', 'OrderConfirmed').filter((span) => groupOf(span) === 'inventory');
        expect(attempts).toMatchObject([
          { failed: true, attributes: { 'orderflow.handled': 'parked' } },
          { failed: false, attributes: { 'orderflow.handled': 'done' } },
        ]);
        // Both are children of the one span that sent it, and its effects continue below the second.
        expect(new Set(attempts.map(({ parentSpanId }) => parentSpanId)).size).toBe(1);
        const committed = tree.spansOf('send', 'StockCommitted');
        expect(committed.map(({ parentSpanId }) => parentSpanId)).toEqual([attempts[1]!.spanId]);
        expect(tree.orphans).toEqual([]);
        expect(tree.roots.map(({ name }) => name)).toEqual(['POST /orders']);
      });
    });
  });

  it('is in the trace of its traceparent header', async () => {
    const { client, eventTap } = system;
    const { orderId, traceId } = await client.settledOrder();
    const [first] = await eventsOnceComplete(eventTap, orderId, eventsOfOrder.confirmed);
    const traceparent = first!.record.headers['traceparent']!.toString();
    const headers = { ce_type: 'OrderConfirmed', traceparent };
    await eventTap.publish([{ topic: eventTap.topicOf('orders'), key: orderId, value: Buffer.from('junk'), headers }]);
    await eventually(() => {
      const tree = new SpanTree(collector.traceOf(traceId));
      const parked = tree.named(/^process /).filter(({ attributes }) => attributes['orderflow.handled'] === 'parked');
      expect(new Set(parked.map(groupOf))).toEqual(new Set(['inventory', 'notifications', 'orders.views']));
      expect(parked.every(({ failed }) => failed)).toBe(true);
      expect(tree.orphans).toEqual([]);
    });
    await discardHeads(system, services, orderId);
  });
});

describe('a record of a type that no service knows', () => {
  it('is passed over, and its order ends confirmed', async () => {
    const { client, eventTap } = system;
    const sku = await client.newProduct({ units: 10 });
    const orderId = await client.place({ lines: [{ sku, quantity: 1 }], paymentToken: 'tok_slow' });
    await client.chargeOf(orderId);
    await eventTap.publish([withType(await wellFormed(orderId), 'OrderEaten')]);
    expect(await client.settled(orderId)).toMatchObject({ status: 'confirmed' });
    for (const service of services) expect(await client.deadLetters(service, { orderId })).toEqual([]);
  });
});

describe('a tombstone on the topic of products', () => {
  it('is passed over: the next price of its product reaches the price list', async () => {
    const { client, eventTap } = system;
    const sku = await client.newProduct({ units: 10 });
    const topic = eventTap.topicOf('inventory').replace('inventory.events', 'inventory.products');
    await eventTap.publish([{ topic, key: sku, value: null, headers: {} }]);
    await client.putProduct({ sku, name: sku, priceMinor: 777, currency: 'EUR' });
    await eventually(async () => {
      const orderId = await client.place({ lines: [{ sku, quantity: 1 }] });
      expect(await client.order(orderId)).toMatchObject({ totalMinor: 777 });
    });
  });
});

/** The id of a record, which is the subject of one without a key (UUIDv8). */
const RECORD_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a/;

const keyless = async (service: Service): Promise<ParkedRecord[]> =>
  (await system.client.deadLetters(service, { consumer: service })).filter(({ orderId }) => RECORD_ID.test(orderId));

describe('a record without key and value', () => {
  beforeAll(async () => {
    const { eventTap } = system;
    const types = [['orders', 'OrderCancelled'] as const, ['payments', 'PaymentCaptured'] as const];
    await eventTap.publish(
      types.map(([owner, type]) => ({
        topic: eventTap.topicOf(owner),
        key: null,
        value: null,
        headers: { ce_type: type },
      })),
    );
  });

  it('is parked alone at each service that consumes its type', async () => {
    for (const service of services) await eventually(async () => expect(await keyless(service)).toHaveLength(1));
  });

  it('holds back no partition', async () => {
    await untilAllConsumed(system, Array(PARTITIONS).keys());
  });

  it('can be discarded', async () => {
    const { client } = system;
    for (const service of services) {
      for (const { id, orderId } of await client.deadLetters(service))
        if (RECORD_ID.test(orderId)) await client.discard(service, id, 'published by hand', 'ada');
      expect(await client.deadLetters(service)).toEqual([]);
    }
  });
});

auditPasses(system);
