import { describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import type { RawRecord } from '../src/broker.js';
import { once, RealBroker } from './real-broker.js';

const real = new RealBroker();

describe('a topic that the broker compresses', () => {
  it.each(['gzip', 'lz4', 'snappy', 'zstd'])('is consumed in order and without loss: %s', async (codec) => {
    await real.start(1, { 'compression.type': codec });
    const published = await real.publish(300, 1);
    const { consumed } = await real.collect();
    await eventually(() => once(consumed).length === published.length);
    expect(once(consumed)).toEqual(published);
  });
});

describe('a record that is larger than an event can be', () => {
  // proves: nothing that is stored in a topic ends its consumers
  it('is handed over without its bytes, and the consumer goes on', async () => {
    await real.start(1, { 'max.message.bytes': String(4 * 1024 * 1024) });
    const value = Buffer.alloc(2 * 1024 * 1024);
    await real.broker().publish([{ topic: real.topic, key: 'k', value, headers: {} }]);
    await real.publish(1, 1);
    // By offset: a record may be delivered twice.
    const consumed = new Map<string, RawRecord>();
    await real.consume(async (records) => records.forEach((record) => consumed.set(record.offset, record)));
    await eventually(() => consumed.size === 2);
    expect([...consumed.values()]).toMatchObject([
      { offset: '0', value: null, omitted: { why: 'too_large', bytes: value.length + 1 } },
      { offset: '1', value: Buffer.from('k0:0') },
    ]);
  });
});
