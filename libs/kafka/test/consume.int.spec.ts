import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import type { RawRecord } from '../src/broker.js';
import { SESSION_TIMEOUT_MS } from '../src/driver/settings.js';
import { once, RealBroker, valueOf } from './real-broker.js';

let real: RealBroker;
beforeEach(() => {
  real = new RealBroker();
});
afterEach(() => real.close());

const perKey = (values: readonly string[], key: string) => values.filter((value) => value.startsWith(`${key}:`));

describe('records through a real broker', () => {
  it('come out per key in the order in which they went in, as they were', async () => {
    await real.start();
    const said = [...(await real.say(50)), ...(await real.say(50, 3, 50))];
    const heard: RawRecord[] = [];
    const consumer = await real.consume(async (records) => void heard.push(...records));
    await eventually(() => once(heard.map(valueOf)).length === said.length);
    for (const key of ['k0', 'k1', 'k2']) expect(perKey(once(heard.map(valueOf)), key)).toEqual(perKey(said, key));
    const [record] = heard;
    expect(record?.headers['ce_id']?.toString()).toBe(valueOf(record as RawRecord));
    expect(record?.key?.toString()).toBe(valueOf(record as RawRecord).split(':')[0]);
    expect(Math.abs(Date.now() - Number(record?.timestamp))).toBeLessThan(60_000);
    expect([consumer.ready(), consumer.live()]).toEqual([true, true]);
  });

  it('come again until they are handled, and none is lost or skipped', async () => {
    await real.start(1);
    const said = await real.say(20);
    const heard: string[] = [];
    let rejections = 0;
    let committedMeanwhile = -1;
    await real.consume(async (records) => {
      if (++rejections <= 4) throw [new TypeError('bug'), new Error('database away')][rejections % 2];
      committedMeanwhile = await real.committed();
      heard.push(...records.map(valueOf));
    });
    await eventually(() => once(heard).length === said.length);
    expect(once(heard)).toEqual(said);
    expect(committedMeanwhile).toBe(0);
  });

  it('are handled although one takes longer than the session lasts', async () => {
    await real.start(1);
    await real.say(1);
    let calls = 0;
    const consumer = await real.consume(async () => {
      calls++;
      await new Promise((resolve) => setTimeout(resolve, 2 * SESSION_TIMEOUT_MS));
    });
    await eventually(async () => (await real.committed()) >= 1);
    expect([calls, consumer.ready()]).toEqual([1, true]);
  });
});

describe('committed offsets', () => {
  it('survive a restart: what was handled does not come again', async () => {
    await real.start();
    await real.say(30);
    const first: string[] = [];
    const consumer = await real.consume(async (records) => void first.push(...records.map(valueOf)));
    await eventually(async () => first.length === (await real.stored()));
    expect(once(first)).toHaveLength(30);
    await consumer.stop();
    expect(await real.committed()).toBe(first.length);
    const later = await real.say(10, 3, 30);
    const second: string[] = [];
    await real.consume(async (records) => void second.push(...records.map(valueOf)));
    await eventually(() => once(second).length >= 10);
    expect(once(second).toSorted()).toEqual(later.toSorted());
  });

  it('do not move over what was being handled when the consumer was stopped', async () => {
    await real.start(1);
    await real.say(5);
    let calls = 0;
    const stuck = await real.consume(async () => {
      calls++;
      throw new Error('database away');
    });
    await eventually(() => calls > 1);
    await stuck.stop();
    expect(await real.committed()).toBe(0);
    const heard: string[] = [];
    await real.consume(async (records) => void heard.push(...records.map(valueOf)));
    await eventually(() => once(heard).length === 5);
  });
});

describe('two members of a group', () => {
  it('share the partitions; nothing is lost while one comes and one goes', async () => {
    await real.start(6);
    const heard = { a: new Set<string>(), b: new Set<string>() };
    const a = await real.consume(async (records) => records.forEach((record) => heard.a.add(valueOf(record))));
    const said = await real.say(120, 30);
    const b = await real.consume(async (records) => records.forEach((record) => heard.b.add(valueOf(record))));
    await eventually(() => a.ready() && b.ready());
    let from = 120;
    await eventually(async () => {
      said.push(...(await real.say(30, 30, from)));
      from += 30;
      return heard.a.size > 0 && heard.b.size > 0;
    });
    await b.stop();
    said.push(...(await real.say(60, 30, from)));
    await eventually(() => new Set([...heard.a, ...heard.b]).size === said.length);
    expect(a.live()).toBe(true);
  });

  it('take over at once from one whose handling hangs', async () => {
    await real.start(2);
    await real.say(20, 10);
    let hung = 0;
    let stillOurs: () => boolean = () => true;
    await real.consume((_records, still) => {
      hung++;
      stillOurs = still;
      return new Promise(() => undefined);
    });
    await eventually(() => hung > 0);
    const heard = new Set<string>();
    const b = await real.consume(async (records) => records.forEach((record) => heard.add(valueOf(record))));
    await eventually(() => b.ready() && !stillOurs());
    await eventually(() => heard.size > 0);
    expect(stillOurs()).toBe(false);
  });
});
