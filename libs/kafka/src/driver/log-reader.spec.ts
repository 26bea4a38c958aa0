import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import type { ConsumerRunConfig, Kafka } from 'kafkajs';
import type { RawRecord } from '../broker.js';
import { KafkaSetupError } from '../errors.js';
import { readStretches } from './log-reader.js';

const reach = { brokers: ['127.0.0.1:1'], clientId: 'test', log: () => undefined };
const stretches = [{ topic: 't', partition: 0, from: 0n, end: 2n }];

/** Stands for a consumer of kafkajs. Its start ends when the test says so. */
class FakeKafkajs {
  readonly started = Promise.withResolvers<void>();
  run: ConsumerRunConfig | undefined;
  closed = 0;
  crash: (event: object) => void = () => undefined;
  fetched: (event: object) => void = () => undefined;

  readonly clientOf = () =>
    ({
      consumer: () => ({
        events: { CRASH: 'crash', END_BATCH_PROCESS: 'fetched' },
        on: (name: string, listener: (event: object) => void) => {
          if (name === 'crash') this.crash = listener;
          else this.fetched = listener;
        },
        connect: () => this.started.promise,
        subscribe: async () => undefined,
        run: async (config: ConsumerRunConfig) => {
          this.run = config;
        },
        seek: () => undefined,
        disconnect: async () => void this.closed++,
      }),
    }) as unknown as Kafka;

  /** Delivers one record. @param removed the heartbeat fails by this */
  async deliver(offset: string, removed?: Error): Promise<void> {
    const message = { offset, timestamp: '0', key: null, value: null, headers: {} };
    const batch = { topic: 't', partition: 0, messages: [message], lastOffset: () => offset };
    const heartbeat = async () => (removed ? Promise.reject(removed) : undefined);
    await this.run!.eachBatch!({ batch, heartbeat } as never);
    this.fetched({ payload: { topic: 't', partition: 0, lastOffset: offset } });
  }
}

const unhandled: unknown[] = [];
const note = (reason: unknown) => unhandled.push(reason);
beforeEach(() => {
  unhandled.length = 0;
  process.on('unhandledRejection', note);
});
afterEach(() => {
  process.off('unhandledRejection', note);
});

const readWith = (kafkajs: FakeKafkajs, quietMs?: number) =>
  readStretches(reach, stretches, async () => undefined, {
    clientOf: kafkajs.clientOf,
    ...(quietMs !== undefined && { quietMs }),
  });

describe('the reading of a log', () => {
  it('fails once when its consumer crashes while it joins, and when the start fails after it', async () => {
    const kafkajs = new FakeKafkajs();
    const failure = readWith(kafkajs).catch((error: unknown) => error);
    kafkajs.crash({ payload: { error: Object.assign(new Error('no coordinator'), { retriable: true }) } });
    await turn();
    kafkajs.started.reject(new Error('the consumer is stopped'));
    expect(await failure).toMatchObject({ isAway: true });
    expect(unhandled).toEqual([]);
  });

  it('does not wait for a join that lasts longer than the silence, and closes the consumer once more after it', async () => {
    const kafkajs = new FakeKafkajs();
    await expect(readWith(kafkajs, 1)).rejects.toThrow(KafkaSetupError);
    const before = kafkajs.closed;
    kafkajs.started.resolve();
    await turn();
    await turn();
    expect([kafkajs.closed - before, unhandled]).toEqual([1, []]);
  });

  it('fails with what its caller throws, and hands nothing over after it', async () => {
    const kafkajs = new FakeKafkajs();
    const own = new TypeError('no such order');
    let calls = 0;
    const onRecords = async () => {
      calls++;
      throw own;
    };
    const reading = readStretches(reach, stretches, onRecords, { clientOf: kafkajs.clientOf });
    kafkajs.started.resolve();
    await turn();
    await Promise.all([expect(reading).rejects.toBe(own), kafkajs.deliver('0').then(() => kafkajs.deliver('1'))]);
    expect(calls).toBe(1);
  });

  it('hands each record over once, also when its consumer joins again and begins at the oldest record', async () => {
    const kafkajs = new FakeKafkajs();
    const read: string[] = [];
    const onRecords = async (records: readonly RawRecord[]) => void read.push(...records.map(({ offset }) => offset));
    const reading = readStretches(reach, stretches, onRecords, { clientOf: kafkajs.clientOf });
    kafkajs.started.resolve();
    await turn();
    // The group has removed the member meanwhile: kafkajs ends no fetch after this one.
    await expect(kafkajs.deliver('0', new Error('UNKNOWN_MEMBER_ID'))).rejects.toThrow('UNKNOWN_MEMBER_ID');
    await kafkajs.deliver('0');
    await kafkajs.deliver('1');
    await reading;
    expect(read).toEqual(['0', '1']);
  });
});
