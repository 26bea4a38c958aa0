import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { Broker, RawRecord } from '@orderflow/kafka';
import { eventually } from '@orderflow/client';

/** A broker as several processes reach it. */
export interface SomeBroker {
  /** Before every topic and group. */
  readonly prefix: string;
  /** As one more process. */
  connect(): Pick<Broker, 'publish' | 'consume'>;
  end(): Promise<void>;
}

const valueOf = ({ value }: RawRecord): string => value!.toString();
const once = (values: readonly string[]): string[] => [...new Set(values)];

/** What services rely on of a broker, whichever it is. */
export function isABroker(open: () => Promise<SomeBroker>): void {
  let broker: SomeBroker;
  let topic: string;

  beforeEach(async () => {
    broker = await open();
    topic = `${broker.prefix}orders.events`;
  });
  afterEach(() => broker.end());

  /** Says `<key>:<number>` for each of these numbers, over three keys. */
  const say = async (from: number, to: number): Promise<string[]> => {
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
        const said = records.map(valueOf).filter((value) => /^k\d:/.test(value));
        if (said.length > 0) await onBatch(said);
      },
      onFatal: () => undefined,
    });

  it('gives each key in the order in which it was said, from the beginning', async () => {
    const said = [...(await say(0, 30)), ...(await say(30, 60))];
    const heard: string[] = [];
    await consume(async (values) => void heard.push(...values));
    await eventually(() => once(heard).length === said.length);
    for (const key of ['k0', 'k1', 'k2'])
      expect(once(heard).filter((value) => value.startsWith(key))).toEqual(
        said.filter((value) => value.startsWith(key)),
      );
  });

  it('gives again what was not handled, and skips nothing', async () => {
    const said = await say(0, 12);
    const heard: string[] = [];
    let rejections = 0;
    await consume(async (values) => {
      if (++rejections <= 3) throw new Error('database away');
      heard.push(...values);
    });
    await eventually(() => once(heard).length === said.length);
    expect(rejections).toBeGreaterThan(3);
  });

  it('gives what a member has not handled to the one that comes after it', async () => {
    const said = await say(0, 12);
    let attempts = 0;
    const stuck = await consume(async () => {
      attempts++;
      throw new Error('database away');
    });
    await eventually(() => attempts > 0);
    await stuck.stop();
    const heard: string[] = [];
    await consume(async (values) => void heard.push(...values));
    await eventually(() => once(heard).length === said.length);
    expect(new Set(heard)).toEqual(new Set(said));
  });

  it('does not give again what was handled before a stop', async () => {
    const first: string[] = [];
    const said = await say(0, 12);
    const consumer = await consume(async (values) => void first.push(...values));
    await eventually(() => once(first).length === said.length);
    await consumer.stop();
    const later = await say(12, 18);
    const second: string[] = [];
    await consume(async (values) => void second.push(...values));
    await eventually(() => later.every((value) => second.includes(value)));
    expect(second.filter((value) => said.includes(value))).toEqual([]);
  });

  it('loses nothing while members come and go', async () => {
    const heard = { a: [] as string[], b: [] as string[] };
    await consume(async (values) => void heard.a.push(...values));
    const said = await say(0, 12);
    const b = await consume(async (values) => void heard.b.push(...values));
    said.push(...(await say(12, 24)));
    await b.stop();
    said.push(...(await say(24, 36)));
    await eventually(() => once([...heard.a, ...heard.b]).length === said.length);
    expect(new Set([...heard.a, ...heard.b])).toEqual(new Set(said));
  });
}
