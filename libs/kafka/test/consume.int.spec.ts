import { createRequire } from 'node:module';
import { describe, expect, it, jest } from '@jest/globals';
import { eventually } from '@orderflow/client';
import type { RawRecord } from '../src/broker.js';
import { HEARTBEAT_INTERVAL_MS, SESSION_TIMEOUT_MS } from '../src/driver/settings.js';
import { once, perKey, RealBroker, valueOf } from './real-broker.js';

const real = new RealBroker();
const KafkajsNode = createRequire(import.meta.url)('kafkajs/src/broker') as { prototype: { heartbeat(): unknown } };

describe('records through a real broker', () => {
  it('are consumed unchanged, per key in the order in which they were published', async () => {
    await real.start();
    const published = [...(await real.publish(50)), ...(await real.publish(50, 3, 50))];
    const consumed: RawRecord[] = [];
    const consumer = await real.consume(async (records) => void consumed.push(...records));
    await eventually(() => once(consumed.map(valueOf)).length === published.length);
    for (const key of ['k0', 'k1', 'k2'])
      expect(perKey(once(consumed.map(valueOf)), key)).toEqual(perKey(published, key));
    const [record] = consumed;
    expect(record?.headers['ce_id']?.toString()).toBe(valueOf(record as RawRecord));
    expect(record?.key?.toString()).toBe(valueOf(record as RawRecord).split(':')[0]);
    expect(Math.abs(Date.now() - Number(record?.timestamp))).toBeLessThan(60_000);
    expect([consumer.ready(), consumer.live()]).toEqual([true, true]);
  });

  it('are redelivered until they are handled, and none is lost or skipped', async () => {
    await real.start(1);
    const published = await real.publish(20);
    const consumed: string[] = [];
    let rejections = 0;
    let committedMeanwhile = -1;
    await real.consume(async (records) => {
      if (++rejections <= 4) throw [new TypeError('bug'), new Error('database away')][rejections % 2];
      committedMeanwhile = await real.committed();
      consumed.push(...records.map(valueOf));
    });
    await eventually(() => once(consumed).length === published.length);
    expect(once(consumed)).toEqual(published);
    expect(committedMeanwhile).toBe(0);
  });

  it('are handled even when a batch takes longer than the session timeout', async () => {
    await real.start(1);
    await real.publish(1);
    const heartbeats = jest.spyOn(KafkajsNode.prototype, 'heartbeat');
    let calls = 0;
    const consumer = await real.consume(async () => {
      calls++;
      // So many, with an interval between two of them, take longer than the session timeout.
      await eventually(() => heartbeats.mock.calls.length > SESSION_TIMEOUT_MS / HEARTBEAT_INTERVAL_MS + 1, 60_000);
    });
    await eventually(async () => (await real.committed()) >= 1, 90_000);
    heartbeats.mockRestore();
    expect([calls, consumer.ready()]).toEqual([1, true]);
  }, 120_000);
});

describe('committed offsets', () => {
  it('survive a restart: handled records are not redelivered', async () => {
    await real.start();
    await real.publish(30);
    const { consumed: first, consumer } = await real.collect();
    await eventually(async () => first.length === (await real.stored()));
    expect(once(first)).toHaveLength(30);
    await consumer.stop();
    expect(await real.committed()).toBe(first.length);
    const later = await real.publish(10, 3, 30);
    const { consumed: second } = await real.collect();
    await eventually(() => once(second).length >= 10);
    expect(once(second).toSorted()).toEqual(later.toSorted());
  });

  // proves: no offset moves past work that was under way at the stop
  it('do not move over what was being handled when the consumer was stopped', async () => {
    await real.start(1);
    await real.publish(5);
    let calls = 0;
    const stuck = await real.consume(async () => {
      calls++;
      throw new Error('database away');
    });
    await eventually(() => calls > 1);
    await stuck.stop();
    expect(await real.committed()).toBe(0);
    const { consumed } = await real.collect();
    await eventually(() => once(consumed).length === 5);
  });
});

describe('two members of a group', () => {
  it('share the partitions, and lose no record while one joins and one leaves', async () => {
    await real.start(6);
    const consumed = { a: new Set<string>(), b: new Set<string>() };
    const a = await real.consume(async (records) => records.forEach((record) => consumed.a.add(valueOf(record))));
    const published = await real.publish(120, 30);
    const b = await real.consume(async (records) => records.forEach((record) => consumed.b.add(valueOf(record))));
    await eventually(() => a.ready() && b.ready());
    let from = 120;
    await eventually(async () => {
      published.push(...(await real.publish(30, 30, from)));
      from += 30;
      return consumed.a.size > 0 && consumed.b.size > 0;
    });
    await b.stop();
    published.push(...(await real.publish(60, 30, from)));
    await eventually(() => new Set([...consumed.a, ...consumed.b]).size === published.length);
    expect(a.live()).toBe(true);
  });

  it('take over at once from a member whose handler hangs', async () => {
    await real.start(2);
    await real.publish(20, 10);
    let hung = 0;
    await real.consume(() => {
      hung++;
      return new Promise(() => undefined);
    });
    await eventually(() => hung > 0);
    const consumed = new Set<string>();
    const b = await real.consume(async (records) => records.forEach((record) => consumed.add(valueOf(record))));
    await eventually(() => b.ready() && consumed.size > 0);
  });
});
