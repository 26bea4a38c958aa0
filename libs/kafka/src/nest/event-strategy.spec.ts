import { describe, expect, it } from '@jest/globals';
import { eventsOf, type Event } from '@orderflow/contracts';
import { MemoryRegistry } from '../../test/memory-registry.js';
import { recordOf, sampleEvent } from '../../test/samples.js';
import type { RawRecord, RunningConsumer, Subscription } from '../broker.js';
import { EventCodec } from '../codec/event-codec.js';
import { TransientError } from '../errors.js';
import type { Delivery } from './deliveries.js';
import { EventStrategy, type EventStrategyOptions } from './event-strategy.js';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const registry = new MemoryRegistry();

/** A broker that hands over what the test gives it. */
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
    await this.subscription?.onBatch(records, () => true);
  }
}

async function listening(changes: Partial<EventStrategyOptions> = {}) {
  const broker = new FakeBroker();
  const delivered: Delivery[][] = [];
  const codec = await EventCodec.start({ registry, service: 'orders', autoRegister: true });
  const strategy = new EventStrategy({
    broker,
    codec,
    groupId: 'payments',
    topics: ['orders.events'],
    prefix: '',
    heard: ['OrderPlaced'],
    deliver: async (deliveries) => void delivered.push([...deliveries]),
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
    const { broker, delivered, record } = await listening();
    const events = [sampleEvent('OrderPlaced'), sampleEvent('OrderPlaced'), sampleEvent('OrderPlaced')];
    await broker.fetch(...events.map((event) => record(event)));
    expect(delivered.map((fetch) => fetch.map((one) => ('event' in one ? one.event.id : one.bad)))).toEqual([
      events.map(({ id }) => id),
    ]);
  });

  it('hands on a traceparent, and takes one that is none for absent', async () => {
    const { broker, delivered, record } = await listening();
    const event = sampleEvent('OrderPlaced');
    await broker.fetch(
      record(event, { traceparent: Buffer.from(traceparent) }),
      record(event, { traceparent: Buffer.from('not one') }),
      record(event),
    );
    expect(delivered[0]?.map((one) => ('event' in one ? one.traceparent : one.bad))).toEqual([
      traceparent,
      undefined,
      undefined,
    ]);
  });

  it('drops what nobody here hears before it is decoded', async () => {
    let decoded = 0;
    const { broker, delivered } = await listening({
      codec: {
        decode: () => {
          decoded++;
          throw new Error('never');
        },
      },
    });
    const [heard, ...others] = eventsOf('orders').toSorted((a) => (a === 'OrderPlaced' ? -1 : 1));
    expect(heard).toBe('OrderPlaced');
    await broker.fetch(...others.map((type) => recordOf(sampleEvent(type), null)));
    expect([decoded, delivered]).toEqual([0, []]);
  });

  it('never drops what it cannot tell: it is delivered as bad, in its place', async () => {
    const { broker, delivered, record } = await listening();
    const event = sampleEvent('OrderPlaced');
    const good = record(event);
    await broker.fetch({ ...good, headers: {} }, record(event, { ce_type: Buffer.from('OrderEaten') }), good, {
      ...good,
      value: Buffer.from('not json'),
    });
    expect(delivered[0]?.map((one) => ('bad' in one ? one.bad : 'fine'))).toEqual([
      'header_missing',
      'unknown_type',
      'fine',
      'not_framed',
    ]);
  });

  it('delivers nothing of a fetch that it cannot read because the world is bad', async () => {
    const codec = { decode: () => Promise.reject(new TransientError('registry away')) };
    const { broker, delivered } = await listening({ codec });
    await expect(broker.fetch(recordOf(sampleEvent('OrderPlaced'), null))).rejects.toThrow('registry away');
    expect(delivered).toEqual([]);
  });

  it('passes on that handling failed: the driver tries again', async () => {
    const { broker, record } = await listening({ deliver: () => Promise.reject(new Error('database away')) });
    await expect(broker.fetch(record(sampleEvent('OrderPlaced')))).rejects.toThrow('database away');
  });

  it('subscribes with the names it was given, says how the consumer is, and stops it', async () => {
    const { broker, strategy } = await listening();
    expect(broker.subscription).toMatchObject({ groupId: 'payments', topics: ['orders.events'] });
    expect([strategy.ready(), strategy.live(), await strategy.caughtUp()]).toEqual([true, true, true]);
    await strategy.close();
    expect(broker.stopped).toBe(1);
  });

  it('calls back with the error when it cannot join', async () => {
    const broker = { consume: () => Promise.reject(new Error('no broker')) };
    await expect(listening({ broker })).rejects.toThrow('no broker');
  });
});
