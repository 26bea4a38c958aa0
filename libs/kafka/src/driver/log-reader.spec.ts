import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import type { ConsumerRunConfig, Kafka } from 'kafkajs';
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

  readonly clientOf = () =>
    ({
      consumer: () => ({
        events: { CRASH: 'crash', END_BATCH_PROCESS: 'fetched' },
        on: (name: string, listener: (event: object) => void) => {
          if (name === 'crash') this.crash = listener;
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

  it('fails with what its caller throws', async () => {
    const kafkajs = new FakeKafkajs();
    const own = new TypeError('no such order');
    const reading = readStretches(reach, stretches, async () => Promise.reject(own), { clientOf: kafkajs.clientOf });
    kafkajs.started.resolve();
    await turn();
    const message = { offset: '0', timestamp: '0', key: null, value: null, headers: {} };
    const batch = { topic: 't', partition: 0, messages: [message], lastOffset: () => '1' };
    await kafkajs.run!.eachBatch!({ batch, heartbeat: async () => undefined } as never);
    await expect(reading).rejects.toBe(own);
  });
});
