import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import type { EachBatchPayload, Kafka } from 'kafkajs';
import type { ConsumedOffset, ConsumedOffsets, Subscription } from '../broker.js';
import { KafkajsConsumer } from './consumer.js';

const events = {
  GROUP_JOIN: 'join',
  HEARTBEAT: 'beat',
  REBALANCING: 'rebalancing',
  CRASH: 'crash',
  DISCONNECT: 'disconnect',
};

/** Stands for kafkajs: the test emits its events. */
class FakeKafkajs {
  settings: Record<string, unknown>[] = [];
  run: Record<string, unknown> = {};
  disconnects = 0;
  committed: unknown[] = [];
  /** The group's offsets in its only partition. */
  position = { topic: 't', partition: 0, next: 0n, low: 0n, end: 0n, expired: 0n };
  readonly offsets = {
    positionsOf: async () => [this.position],
    firstAfter: async () => new Map<string, bigint>(),
  };
  readonly seeks: unknown[] = [];
  /** Rejections of the next connections. */
  readonly refusals: Error[] = [];
  #listeners = new Map<string, (event: object) => void>();

  readonly client = () =>
    ({
      consumer: (settings: Record<string, unknown>) => {
        this.settings.push(settings);
        return {
          events,
          on: (name: string, listener: (event: object) => void) => this.#listeners.set(name, listener),
          connect: async () => {
            const refusal = this.refusals.shift();
            if (refusal) throw refusal;
          },
          subscribe: async (subscription: object) => void this.settings.push({ ...subscription }),
          run: async (run: Record<string, unknown>) => {
            this.run = run;
            this.emit('join', { memberAssignment: { t: [0] } });
          },
          seek: (to: object) => void this.seeks.push(to),
          commitOffsets: async (offsets: unknown[]) => void this.committed.push(...offsets),
          disconnect: async () => void this.disconnects++,
        };
      },
    }) as unknown as Kafka;

  emit(name: string, payload: object): void {
    this.#listeners.get(name)?.({ payload });
  }

  /** One fetch of t/0 with offsets 5 and 6. @returns the resolved offsets */
  async fetch(changes: Partial<EachBatchPayload> = {}): Promise<string[]> {
    const resolved: string[] = [];
    const message = (offset: string) => ({ offset, timestamp: '0', key: null, value: null, headers: {} });
    await (this.run['eachBatch'] as (payload: object) => Promise<void>)({
      batch: { topic: 't', partition: 0, messages: [message('5'), message('6')], lastOffset: () => '6' },
      heartbeat: async () => undefined,
      resolveOffset: (offset: string) => resolved.push(offset),
      isRunning: () => true,
      isStale: () => false,
      ...changes,
    });
    return resolved;
  }
}

const open: KafkajsConsumer[] = [];
afterEach(async () => {
  jest.restoreAllMocks();
  for (const consumer of open.splice(0)) await consumer.stop();
});

function aMember(
  onBatch: Subscription['onBatch'] = async () => undefined,
  consumed?: ConsumedOffsets,
  refusals: readonly Error[] = [],
) {
  const kafkajs = new FakeKafkajs();
  kafkajs.refusals.push(...refusals);
  const fatal: Error[] = [];
  const logged: string[] = [];
  const consumer = new KafkajsConsumer(
    { brokers: [], clientId: 'test', log: (_level, line) => void logged.push(line) },
    { groupId: 'g', topics: ['t'], onBatch, ...(consumed && { consumed }), onFatal: (error) => void fatal.push(error) },
    1,
    kafkajs.offsets,
    kafkajs.client,
  );
  open.push(consumer);
  return { consumer, fatal, kafkajs, logged };
}

async function joined(...parts: Parameters<typeof aMember>) {
  const member = aMember(...parts);
  await member.consumer.start();
  return member;
}
const named = (name: string) => Object.assign(new Error(name), { name });

describe('a member of a group', () => {
  it('reads from the beginning, creates no topic, and lets kafkajs neither resolve nor commit', async () => {
    const { kafkajs } = await joined();
    expect(kafkajs.settings).toMatchObject([{ allowAutoTopicCreation: false }, { topics: ['t'], fromBeginning: true }]);
    expect(kafkajs.run).toMatchObject({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 1,
    });
  });

  it('resolves and, when it stops, commits what was handled', async () => {
    const { consumer, kafkajs } = await joined();
    expect(await kafkajs.fetch()).toEqual(['6']);
    await consumer.stop();
    expect(kafkajs.committed).toEqual([{ topic: 't', partition: 0, offset: '7' }]);
  });

  it('resolves nothing that was handled in a generation that is over', async () => {
    const { consumer, kafkajs } = await joined(async () => kafkajs.emit('join', { memberAssignment: {} }));
    expect(await kafkajs.fetch()).toEqual([]);
    await consumer.stop();
    expect(kafkajs.committed).toEqual([]);
  });

  // proves: no exception reaches kafkajs
  it('lets no exception reach kafkajs, not even from kafkajs itself', async () => {
    const { consumer, kafkajs } = await joined();
    const resolveOffset = () => {
      throw new TypeError('no such topic');
    };
    await kafkajs.fetch({ resolveOffset });
    await consumer.stop();
    expect(kafkajs.committed).toEqual([]);
  });

  it('is ready while it is joined', async () => {
    const { consumer, kafkajs } = await joined();
    expect(consumer.ready()).toBe(true);
    kafkajs.emit('rebalancing', {});
    expect([consumer.ready(), consumer.live()]).toEqual([false, true]);
    kafkajs.emit('join', { memberAssignment: {} });
    expect(consumer.ready()).toBe(true);
    await consumer.stop();
    expect(consumer.ready()).toBe(false);
  });

  it('is not live without a heartbeat within the session timeout, also when the wall clock is set back', async () => {
    const { consumer } = await joined();
    jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 6_001);
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() - 3_600_000);
    expect(consumer.live()).toBe(false);
  });

  it('is ready again when the group still accepts its heartbeats, although its second join was refused', async () => {
    const { consumer, kafkajs } = await joined();
    kafkajs.emit('rebalancing', {});
    expect(consumer.ready()).toBe(false);
    kafkajs.emit('beat', {});
    expect(consumer.ready()).toBe(true);
    expect(await kafkajs.fetch()).toEqual(['6']);
  });

  it('is caught up only as a member that has committed what was stored at its last join', async () => {
    const { consumer, kafkajs } = await joined();
    expect(await consumer.caughtUp()).toBe(true);
    kafkajs.emit('rebalancing', {});
    expect(await consumer.caughtUp()).toBe(false);
    kafkajs.position = { ...kafkajs.position, end: 7n };
    kafkajs.emit('join', { memberAssignment: {} });
    expect(await consumer.caughtUp()).toBe(false);
    kafkajs.position = { ...kafkajs.position, next: 7n };
    expect(await consumer.caughtUp()).toBe(true);
  });
});

describe('a member whose broker has gone since the checks of the start', () => {
  const away = Object.assign(named('KafkaJSNumberOfRetriesExceeded'), { cause: named('KafkaJSConnectionError') });

  it('joins once the broker is back', async () => {
    const { consumer, kafkajs } = await joined(undefined, undefined, [away, away]);
    expect([consumer.ready(), kafkajs.refusals]).toEqual([true, []]);
    // Some connections of the first two attempts may be open.
    expect(kafkajs.disconnects).toBe(2);
  });

  it('reports no failure when it is stopped before the next attempt', async () => {
    const { consumer, logged } = aMember(undefined, undefined, [away]);
    const started = consumer.start();
    while (logged.length === 0) await turn();
    await consumer.stop();
    await started;
    expect(logged).toEqual([expect.stringContaining('cannot be joined yet')]);
  });

  it('ends the start for any other reason', async () => {
    await expect(joined(undefined, undefined, [named('KafkaJSNonRetriableError')])).rejects.toThrow('NonRetriable');
  });
});

describe('a member with offsets of its own', () => {
  const stored = (next: string): ConsumedOffset => ({ topic: 't', partition: 0, next, appendedAt: null });
  const offsets = (read: () => Promise<ConsumedOffset[]>) => {
    const written: ConsumedOffset[] = [];
    const write = async (given: readonly ConsumedOffset[]) => void written.push(...given);
    return { read, write, restart: async () => undefined, skip: async () => undefined, written };
  };

  // proves: a consumer begins where its own offsets say
  it('begins there, before and behind the offset of the broker', async () => {
    const consumed = offsets(async () => [stored('3')]);
    const { kafkajs } = await joined(undefined, consumed);
    kafkajs.position = { ...kafkajs.position, next: 9n, end: 9n };
    kafkajs.emit('join', { memberAssignment: { t: [0] } });
    await kafkajs.fetch();
    expect(kafkajs.seeks.at(-1)).toEqual({ topic: 't', partition: 0, offset: '3' });
  });

  it('hands no record over before it knows them, also when they can be read only later', async () => {
    let isAway = true;
    let reads = 0;
    const consumed = offsets(async () => {
      reads++;
      if (isAway) throw new Error('database away');
      return [stored('5')];
    });
    let handled = 0;
    const { kafkajs } = await joined(async () => void handled++, consumed);
    kafkajs.position = { ...kafkajs.position, end: 9n };
    const fetched = kafkajs.fetch();
    while (reads < 2) await turn();
    expect([handled, kafkajs.seeks]).toEqual([0, []]);
    isAway = false;
    expect(await fetched).toEqual(['6']);
    expect([handled, kafkajs.seeks.length]).toEqual([1, 1]);
  });

  it('leaves the partitions of other members alone', async () => {
    const { kafkajs } = await joined(
      undefined,
      offsets(async () => [stored('0')]),
    );
    await kafkajs.fetch();
    const { length } = kafkajs.seeks;
    kafkajs.emit('join', { memberAssignment: { t: [1] } });
    await kafkajs.fetch();
    expect(kafkajs.seeks).toHaveLength(length);
  });

  it('writes them before it commits them to the broker', async () => {
    const consumed = offsets(async () => [stored('5')]);
    const { consumer, kafkajs } = await joined(undefined, consumed);
    kafkajs.position = { ...kafkajs.position, end: 9n };
    await kafkajs.fetch();
    await consumer.stop();
    expect(consumed.written.at(-1)).toMatchObject({ topic: 't', partition: 0, next: '7' });
    expect(kafkajs.committed.at(-1)).toEqual({ topic: 't', partition: 0, offset: '7' });
  });
});

describe('a crash of kafkajs', () => {
  it('ends the process when kafkajs will not restart', async () => {
    const { consumer, fatal, kafkajs } = await joined();
    kafkajs.emit('crash', { error: named('KafkaJSNonRetriableError'), restart: false });
    expect([fatal.length, consumer.ready()]).toEqual([1, false]);
  });

  it('is left to kafkajs when kafkajs restarts by itself', async () => {
    const { consumer, fatal, kafkajs } = await joined();
    kafkajs.emit('crash', { error: named('KafkaJSNumberOfRetriesExceeded'), restart: true });
    expect([fatal.length, consumer.ready()]).toEqual([0, false]);
  });

  it.each([
    ['has no coordinator yet', Object.assign(named('any'), { cause: named('KafkaJSGroupCoordinatorNotFound') })],
    ['takes connections and does not answer', new Error('Broker not connected')],
  ])('leads to another try when the broker %s', async (_when, error) => {
    const { consumer, fatal, kafkajs } = await joined();
    kafkajs.emit('crash', { error, restart: false });
    while (!consumer.ready()) await turn();
    expect([fatal.length, kafkajs.settings.length]).toEqual([0, 4]);
  });

  it('is ignored after the stop', async () => {
    const { consumer, fatal, kafkajs } = await joined();
    await consumer.stop();
    kafkajs.emit('crash', { error: named('KafkaJSNonRetriableError'), restart: false });
    expect(fatal).toEqual([]);
  });
});
