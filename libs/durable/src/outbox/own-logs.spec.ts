import { beforeEach, describe, expect, it } from '@jest/globals';
import { OwnLogs } from './own-logs.js';
import type { PublishedOffset, PublishedOffsets } from './published-offsets.js';

const batch = (offset: number, topic = 'orders.events') => ({ topic, partition: 0, offset: String(offset) });
const row = (next: string, lost = 0n): PublishedOffset => ({ topic: 'orders.events', partition: 0, next, lost });

let elapsed: number;
let rows: PublishedOffset[];
let ends: Record<string, string>;
let lines: string[];
let isAway: boolean;
let refuses: boolean;

beforeEach(() => {
  elapsed = 0;
  rows = [];
  ends = { 'orders.events': '0' };
  lines = [];
  isAway = false;
  refuses = false;
});

const table = {
  read: async () => rows,
  advance: async (offsets: readonly PublishedOffset[]) => {
    if (offsets.length > 0) rows = [...offsets];
  },
  noteLost: async (offsets: readonly PublishedOffset[]) => {
    if (refuses) throw new Error('database away');
    rows = [...offsets];
  },
} as unknown as PublishedOffsets;

/** What one process knows of the log of orders. */
const logs = () =>
  new OwnLogs({
    service: 'orders',
    topics: ['orders.events'],
    table,
    broker: {
      endsOf: async (topics) => {
        if (isAway) throw new Error('away');
        return topics.map((topic) => ({ topic, partition: 0, end: ends[topic]! }));
      },
    },
    clock: { elapsed: () => elapsed },
    log: { warn: (_, line) => void lines.push(line) },
  });

/** Two seconds later it is looked at again. */
const later = () => (elapsed += 2_000);

describe('the log of a service', () => {
  it('is whole while it holds what was published, also by another instance and before the start', async () => {
    rows = [row('5')];
    ends['orders.events'] = '7';
    expect(await logs().whole()).toBe(true);
    expect(rows).toEqual([row('5')]);
  });

  it('is known by the batches that were acknowledged, which the database learns with the next look', async () => {
    const own = logs();
    await own.whole();
    await own.acknowledged([batch(3), batch(9)]);
    later();
    ends['orders.events'] = '12';
    expect(await own.whole()).toBe(true);
    expect(rows).toEqual([row('10')]);
  });

  it('has lost records where it ends before them, which is said once and stays so', async () => {
    rows = [row('5')];
    ends['orders.events'] = '2';
    const own = logs();
    expect(await own.whole()).toBe(false);
    later();
    ends['orders.events'] = '9';
    expect(await own.whole()).toBe(false);
    expect(rows).toEqual([row('5', 3n)]);
    expect(lines).toEqual([expect.stringContaining('"orderflow republish orders"')]);
  });

  // proves: a log that stores a record before the published ones has lost records
  it('has lost records where it stores another one at their place', async () => {
    rows = [row('5')];
    ends['orders.events'] = '5';
    const own = logs();
    expect(await own.whole()).toBe(true);
    await own.acknowledged([batch(2)]);
    expect(await own.whole()).toBe(false);
    expect(rows).toEqual([row('5', 3n)]);
  });

  it('is whole where it stores the next record behind the published ones', async () => {
    rows = [row('5')];
    ends['orders.events'] = '5';
    const own = logs();
    await own.whole();
    await own.acknowledged([batch(5)]);
    expect(await own.whole()).toBe(true);
  });

  it('has lost records also where the database did not take the loss at once', async () => {
    rows = [row('5')];
    ends['orders.events'] = '5';
    const own = logs();
    await own.whole();
    refuses = true;
    await expect(own.acknowledged([batch(0)])).rejects.toThrow('database away');
    refuses = false;
    later();
    expect(await own.whole()).toBe(false);
    expect(rows).toEqual([row('5', 5n)]);
  });

  it('is not known while the broker does not answer: nothing may be published', async () => {
    isAway = true;
    await expect(logs().whole()).rejects.toThrow('away');
  });

  it('is looked at again at once after a publish that failed', async () => {
    const own = logs();
    await own.whole();
    await own.acknowledged([batch(3)]);
    expect(await own.whole()).toBe(true);
    own.suspect();
    expect(await own.whole()).toBe(false);
  });

  it('is whole again once its service has published it again', async () => {
    rows = [row('5', 5n)];
    const own = logs();
    expect(await own.whole()).toBe(false);
    rows = [];
    later();
    expect(await own.whole()).toBe(true);
  });

  it('is no other topic: dead letters are in the database', async () => {
    const own = logs();
    await own.whole();
    await own.acknowledged([batch(9, 'orders.dead-letters'), batch(0, 'orders.dead-letters')]);
    expect(await own.whole()).toBe(true);
  });
});
