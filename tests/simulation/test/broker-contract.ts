import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { Broker, RawRecord } from '@orderflow/kafka';
import { eventually } from '@orderflow/client';

/** A broker for several processes. */
export interface TestBroker {
  /** Of every topic and group. */
  readonly prefix: string;
  /** Connects one more process. */
  connect(): Pick<Broker, 'publish' | 'consume'>;
  end(): Promise<void>;
}

const valueOf = ({ value }: RawRecord): string => value!.toString();
const once = (values: readonly string[]): string[] => [...new Set(values)];

/** The tests that every broker must pass: the properties that the services rely on. */
export function isABroker(open: () => Promise<TestBroker>): void {
  let broker: TestBroker;
  let topic: string;

  beforeEach(async () => {
    broker = await open();
    topic = `${broker.prefix}orders.events`;
  });
  afterEach(() => broker.end());

  /** Publishes `<key>:<number>` for each of these numbers, over three keys. */
  const publish = async (from: number, to: number): Promise<string[]> => {
    const values = Array.from({ length: to - from }, (_, i) => `k${(from + i) % 3}:${from + i}`);
    const records = values.map((value) => ({
      topic,
      key: value.split(':')[0]!,
      value: Buffer.from(value),
      headers: { ce_id: randomUUID() },
    }));
    await broker.connect().publish(records);
    return values;
  };
  const consume = (onBatch: (values: string[]) => Promise<void>) =>
    broker.connect().consume({
      groupId: `${broker.prefix}group`,
      topics: [topic],
      onBatch: async (records) => {
        const values = records.map(valueOf).filter((value) => /^k\d:/.test(value));
        if (values.length > 0) await onBatch(values);
      },
      onFatal: () => undefined,
    });

  /** @returns the consumer, and the values that it consumes */
  const collect = async () => {
    const consumed: string[] = [];
    return { consumed, consumer: await consume(async (values) => void consumed.push(...values)) };
  };

  it('delivers the records of a key in the order in which they were published, from the beginning', async () => {
    const published = [...(await publish(0, 30)), ...(await publish(30, 60))];
    const { consumed } = await collect();
    await eventually(() => once(consumed).length === published.length);
    for (const key of ['k0', 'k1', 'k2'])
      expect(once(consumed).filter((value) => value.startsWith(key))).toEqual(
        published.filter((value) => value.startsWith(key)),
      );
  });

  it('delivers records again that were not handled, and skips none', async () => {
    const published = await publish(0, 12);
    const consumed: string[] = [];
    let rejections = 0;
    await consume(async (values) => {
      if (++rejections <= 3) throw new Error('database unavailable');
      consumed.push(...values);
    });
    await eventually(() => once(consumed).length === published.length);
    expect(rejections).toBeGreaterThan(3);
  });

  it('delivers records that a consumer has not handled to the next one', async () => {
    const published = await publish(0, 12);
    let attempts = 0;
    const stuck = await consume(async () => {
      attempts++;
      throw new Error('database unavailable');
    });
    await eventually(() => attempts > 0);
    await stuck.stop();
    const { consumed } = await collect();
    await eventually(() => once(consumed).length === published.length);
    expect(new Set(consumed)).toEqual(new Set(published));
  });

  it('does not deliver records again that were handled before a stop', async () => {
    const published = await publish(0, 12);
    const { consumed: first, consumer } = await collect();
    await eventually(() => once(first).length === published.length);
    await consumer.stop();
    const later = await publish(12, 18);
    const { consumed: second } = await collect();
    await eventually(() => later.every((value) => second.includes(value)));
    expect(second.filter((value) => published.includes(value))).toEqual([]);
  });

  it('loses nothing while consumers join and leave', async () => {
    const a = await collect();
    const published = await publish(0, 12);
    const b = await collect();
    published.push(...(await publish(12, 24)));
    await b.consumer.stop();
    published.push(...(await publish(24, 36)));
    await eventually(() => once([...a.consumed, ...b.consumed]).length === published.length);
    expect(new Set([...a.consumed, ...b.consumed])).toEqual(new Set(published));
  });
}
