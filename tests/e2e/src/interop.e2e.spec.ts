import { beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { type Event, eventSchemas, type EventType, topics } from '@orderflow/contracts';
import { missingPython, otherClients } from './support/other-clients.js';
import { Scrape } from './support/scrape.js';
import { auditPasses, TestSystem } from './support/test-system.js';

// Each claim of docs/events.md, with the clients that other people use.

const system = new TestSystem({ env: { sandbox: { SLOW_SECONDS: '3' } } });
const whyNoPython = await missingPython();
const withPython = whyNoPython === undefined ? describe : describe.skip;

interface ReadByPython {
  topic: string;
  partition: number;
  offset: number;
  key: string;
  headers: Record<string, string>;
  schema: string;
  event: Event;
}

interface ReadByNode {
  position: string;
  isValid: boolean;
  cloudEvent: Record<string, string>;
  event: Event;
}

const eventTopics = Object.keys(topics).filter((name) => !name.endsWith('.dead-letters'));
let parts: [brokers: string, registry: string];
let topicNames: string[];
let orders: string[];
let published: { position: string; event: Event }[];

beforeAll(async () => {
  const { kafkaBrokers, schemaRegistryUrl } = system.infrastructure;
  parts = [kafkaBrokers, schemaRegistryUrl];
  topicNames = eventTopics.map((name) => system.prefixes.topics + name);
  await otherClients.installNode();
  if (whyNoPython === undefined) await otherClients.installPython();
  else console.warn(`skipped, all that is read and published by Python: ${whyNoPython}`);
  const { client, eventTap } = system;
  orders = await client.oneOfEachOutcome(await client.newProduct({ units: 100 }));
  await eventTap.readToEnd(60_000);
  published = await eventually(async () => {
    const records = eventTap.all();
    const events = await Promise.all(
      records.map(async (record) => ({
        position: `${record.topic}/${record.partition}/${record.offset}`,
        event: await eventTap.decode(record),
      })),
    );
    const seen = new Set(events.map(({ event }) => event.type));
    const missing = everyTypeOfADemo.filter((type) => !seen.has(type));
    if (missing.length > 0) throw new Error(`not published yet: ${missing.join(', ')}`);
    return events;
  });
}, 300_000);

const everyTypeOfADemo = (Object.keys(eventSchemas) as EventType[]).filter((type) => type !== 'NotificationFailed');

const byPosition = (a: { position: string }, b: { position: string }): number => (a.position < b.position ? -1 : 1);

describe('TypeScript with @kafkajs/confluent-schema-registry and cloudevents', () => {
  let read: ReadByNode[];
  beforeAll(async () => {
    read = await otherClients.node<ReadByNode>('read.mjs', ...parts, ...topicNames);
  });

  it('reads every event', () => {
    const seen = read.map(({ position, event }) => ({ position, event: { id: event.id, type: event.type } }));
    expect(seen.toSorted(byPosition)).toEqual(
      published.map(({ position, event: { id, type } }) => ({ position, event: { id, type } })).toSorted(byPosition),
    );
  });

  it('finds that every record is a valid CloudEvent, whose attributes are those of the value', () => {
    for (const { isValid, cloudEvent, event } of read) {
      expect(isValid).toBe(true);
      const { id, source, type } = event;
      expect(cloudEvent).toEqual({ id, source, type, specversion: '1.0', datacontenttype: 'application/avro' });
    }
  });
});

withPython('Python with confluent-kafka and fastavro', () => {
  let read: ReadByPython[];
  beforeAll(async () => {
    read = await otherClients.python<ReadByPython>('read.py', ...parts, ...topicNames);
  });

  it('reads every event', () => {
    const seen = read.map(({ topic, partition, offset, event }) => ({
      position: `${topic}/${partition}/${offset}`,
      event,
    }));
    const plain = ({ position, event }: { position: string; event: Event }) => ({
      position,
      id: event.id,
      type: event.type,
    });
    expect(seen.map(plain).toSorted(byPosition)).toEqual(published.map(plain).toSorted(byPosition));
  });

  it('finds the schemas under the names of their records', () => {
    for (const { schema, event } of read) expect(schema).toBe(`orderflow.${event.source}.${event.type}`);
  });

  it('finds the key in the subject, and the headers in the value', () => {
    for (const { key, headers, event } of read) {
      expect(key).toBe(event.subject);
      expect(headers).toEqual({
        ce_id: event.id,
        ce_source: event.source,
        ce_specversion: '1.0',
        ce_type: event.type,
        'content-type': 'application/avro',
        traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/),
      });
    }
  });

  it('finds the events of one order and source in the order of their numbers, in one partition', () => {
    for (const orderId of orders) {
      const own = read.filter(({ key }) => key === orderId);
      expect(new Set(own.map(({ partition }) => partition)).size).toBe(1);
      for (const source of new Set(own.map(({ event }) => event.source))) {
        const numbers = own.filter(({ event }) => event.source === source).map(({ event }) => event.sequence);
        expect(numbers).toEqual(numbers.map((_, index) => index + 1));
      }
    }
  });

  it('finds e-mail addresses in the topics of orders only, and no payment token in clear', () => {
    const withAddress = read.filter(({ event }) => 'email' in event.data);
    expect(new Set(withAddress.map(({ event }) => event.source))).toEqual(new Set(['orders']));
    const placed = read.filter(({ event }) => event.type === 'OrderPlaced');
    for (const { event } of placed)
      expect((event.data as { paymentToken: string }).paymentToken).toMatch(/^[\w-]+(\.[\w-]*){4}$/);
  });

  it('publishes a type of its own on the partition of its order, which stops nothing and is counted', async () => {
    const { client, eventTap } = system;
    const sku = await client.newProduct({ units: 1 });
    const orderId = await client.place({ lines: [{ sku, quantity: 1 }], paymentToken: 'tok_slow' });
    const partition = await eventually(() => eventTap.partitionOf(orderId));
    const topic = eventTap.topicOf('orders');
    const [sent] = await otherClients.python('publish.py', ...parts, topic, orderId);
    expect(sent).toEqual({ partitions: [partition] });
    expect(await client.settled(orderId)).toMatchObject({ status: 'confirmed' });
    for (const service of ['inventory', 'payments', 'notifications'] as const)
      await eventually(async () => {
        const scraped = await Scrape.of(client, service);
        expect(scraped.sum('orderflow_skipped_records_total', { reason: 'foreign_type' })).toBe(1);
        expect(await system.count(service, 'parked')).toBe(0);
      });
  });
});

describe('records that are no events of this system', () => {
  it('stop no order and no price, and are counted', async () => {
    const { client, eventTap } = system;
    const sku = await client.newProduct({ units: 2, priceMinor: 8_900 });
    const orderId = await client.place({ lines: [{ sku, quantity: 1 }], paymentToken: 'tok_slow' });
    const json = Buffer.from(
      JSON.stringify({ specversion: '1.0', id: '1', type: 'ShipmentBooked', source: 'shipping' }),
    );
    const topic = eventTap.topicOf('orders');
    const products = `${system.prefixes.topics}inventory.products`;
    await eventTap.publish([
      { topic, key: orderId, value: json, headers: { 'content-type': 'application/cloudevents+json' } },
      { topic, key: orderId, value: null, headers: {} },
      { topic: products, key: sku, value: null, headers: { ce_type: 'ProductChanged' } },
    ]);
    expect(await client.settled(orderId)).toMatchObject({ status: 'confirmed' });
    await client.stockUp({ sku, name: sku, priceMinor: 9_900, currency: 'EUR' }, 1);
    await eventually(async () => {
      const later = await client.place({ lines: [{ sku, quantity: 1 }], paymentToken: 'tok_declined' });
      expect(await client.settled(later)).toMatchObject({ totalMinor: 9_900 });
    });
    const skipped = async (reason: string) =>
      (await Scrape.of(client, 'orders')).sum('orderflow_skipped_records_total', { reason });
    await eventually(async () => expect(await skipped('tombstone')).toBeGreaterThanOrEqual(2));
    for (const service of ['orders', 'inventory', 'payments', 'notifications'] as const)
      expect(await system.count(service, 'parked')).toBe(0);
    await eventually(async () => {
      const payments = await Scrape.of(client, 'payments');
      expect(payments.sum('orderflow_skipped_records_total', { reason: 'no_type' })).toBe(1);
    });
  });
});

auditPasses(system);
