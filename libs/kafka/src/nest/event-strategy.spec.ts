import { describe, expect, it } from '@jest/globals';
import { eventsOf, type Event } from '@orderflow/contracts';
import { anEvent } from '@orderflow/testing';
import { MemoryRegistry } from '../../test/memory-registry.js';
import { recordOf } from '../../test/samples.js';
import type { RawRecord, RunningConsumer, Subscription } from '../broker.js';
import { EventCodec } from '../codec/event-codec.js';
import { TransientError } from '../errors.js';
import type { Delivery } from './deliveries.js';
import { EventStrategy, type EventStrategyOptions } from './event-strategy.js';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const registry = new MemoryRegistry();

/** A broker that hands over the records of the test. */
class FakeBroker {
  subscription: Subscription | undefined;
  stopped = 0;

  async consume(subscription: Subscription): Promise<RunningConsumer> {
    this.subscription = subscription;
    return {
      ready: () => true,
      live: () => true,
      caughtUp: async () => true,
      stop: async () => void this.stopped++,
    };
  }

  async fetch(...records: RawRecord[]): Promise<void> {
    await this.subscription?.onBatch(records);
  }
}

async function listeningStrategy(changes: Partial<EventStrategyOptions> = {}) {
  const broker = new FakeBroker();
  const delivered: Delivery[][] = [];
  const codec = await EventCodec.start({ registry, service: 'orders', autoRegister: true });
  const strategy = new EventStrategy({
    broker,
    codec,
    groupId: 'payments',
    group: 'payments',
    topics: ['orders.events'],
    prefix: '',
    consumes: ['OrderPlaced'],
    handler: { deliver: async (deliveries) => delivered.push([...deliveries]) },
    onFatal: () => undefined,
    ...changes,
  });
  await new Promise<void>((resolve, reject) => {
    void strategy.listen((error) => (error === undefined ? resolve() : reject(error)));
  });
  const record = (event: Event, headers: Record<string, Buffer> = {}): RawRecord => {
    const good = recordOf(event, codec.encode(event));
    return { ...good, headers: { ...good.headers, ...headers } };
  };
  return { broker, delivered, strategy, codec, record };
}

describe('the edge of a service', () => {
  it('delivers a fetch in order, in one call', async () => {
    const { broker, delivered, record } = await listeningStrategy();
    const events = [anEvent('OrderPlaced'), anEvent('OrderPlaced'), anEvent('OrderPlaced')];
    await broker.fetch(...events.map((event) => record(event)));
    expect(delivered.map((fetch) => fetch.map((one) => ('event' in one ? one.event.id : one.bad)))).toEqual([
      events.map(({ id }) => id),
    ]);
  });

  it('hands on a valid trace context, and treats an invalid one as absent', async () => {
    const { broker, delivered, record } = await listeningStrategy();
    const event = anEvent('OrderPlaced');
    const tracestate = Buffer.from('foo=1');
    await broker.fetch(
      record(event, { traceparent: Buffer.from(traceparent) }),
      record(event, { traceparent: Buffer.from(traceparent), tracestate }),
      record(event, { traceparent: Buffer.from('not one'), tracestate }),
      record(event),
    );
    expect(delivered[0]?.map((one) => ('event' in one ? one.trace : one.bad))).toEqual([
      { traceparent },
      { traceparent, tracestate: 'foo=1' },
      undefined,
      undefined,
    ]);
  });

  it('drops types that the group does not consume before they are decoded', async () => {
    let decoded = 0;
    const { broker, delivered } = await listeningStrategy({
      codec: {
        decode: () => {
          decoded++;
          throw new Error('never');
        },
      },
    });
    const [consumed, ...others] = eventsOf('orders').toSorted((a) => (a === 'OrderPlaced' ? -1 : 1));
    expect(consumed).toBe('OrderPlaced');
    await broker.fetch(...others.map((type) => recordOf(anEvent(type), null)));
    expect([decoded, delivered]).toEqual([0, []]);
  });

  // proves: a type that a group does not consume parks nothing
  it('passes over a type that no service knows, a record that is none of ours, and a tombstone', async () => {
    const { broker, delivered, record } = await listeningStrategy({ consumes: ['OrderPlaced', 'ProductChanged'] });
    const foreign = record(anEvent('OrderPlaced'), { ce_type: Buffer.from('OrderEaten') });
    const inherited = record(anEvent('OrderPlaced'), { ce_type: Buffer.from('toString') });
    const json = { ...foreign, value: Buffer.from('{"specversion":"1.0"}'), headers: {} };
    const tombstone = { ...foreign, topic: 'inventory.products', value: null, headers: {} };
    const typed = { ...tombstone, headers: { ce_type: Buffer.from('ProductChanged') } };
    const ofAnOrder = { ...foreign, value: null, headers: {} };
    await broker.fetch(foreign, inherited, json, tombstone, typed, ofAnOrder);
    expect(delivered).toEqual([]);
  });

  it('delivers a record whose bytes are not kept as bad, without decoding it', async () => {
    const { broker, delivered, record } = await listeningStrategy();
    const omitted = { why: 'too_large', detail: 'a record of 2 bytes', bytes: 2, sha256: '' } as const;
    await broker.fetch({ ...record(anEvent('OrderPlaced')), key: null, value: null, omitted });
    expect(delivered[0]).toMatchObject([{ bad: 'too_large', detail: 'a record of 2 bytes' }]);
  });

  it('delivers an event without its type as bad, in its place, and never drops it', async () => {
    const { broker, delivered, record } = await listeningStrategy();
    const event = anEvent('OrderPlaced');
    const good = record(event);
    const bad = [
      { ...good, value: null },
      { ...good, value: Buffer.from('not json') },
    ];
    await broker.fetch({ ...good, headers: {} }, good, ...bad);
    expect(delivered[0]?.map((one) => ('bad' in one ? one.bad : 'fine'))).toEqual([
      'header_missing',
      'fine',
      'not_framed',
      'not_framed',
    ]);
  });

  it('delivers nothing of a fetch when decoding fails for a transient reason', async () => {
    const codec = { decode: () => Promise.reject(new TransientError('registry away')) };
    const { broker, delivered } = await listeningStrategy({ codec });
    await expect(broker.fetch(recordOf(anEvent('OrderPlaced'), null))).rejects.toThrow('registry away');
    expect(delivered).toEqual([]);
  });

  // proves: an offset is committed only after its events were handled
  it('passes a failure of the handler on to the driver, which tries again', async () => {
    const { broker, record } = await listeningStrategy({
      handler: { deliver: () => Promise.reject(new Error('database away')) },
    });
    await expect(broker.fetch(record(anEvent('OrderPlaced')))).rejects.toThrow('database away');
  });

  it('subscribes with the given names, reports the state of the consumer, and stops it', async () => {
    const { broker, strategy } = await listeningStrategy();
    expect(broker.subscription).toMatchObject({ groupId: 'payments', topics: ['orders.events'] });
    expect([strategy.ready(), await strategy.caughtUp()]).toEqual([true, true]);
    await strategy.close();
    expect(broker.stopped).toBe(1);
  });

  it('calls back with the error when joining fails', async () => {
    const broker = { consume: () => Promise.reject(new Error('no broker')) };
    await expect(listeningStrategy({ broker })).rejects.toThrow('no broker');
  });
});
