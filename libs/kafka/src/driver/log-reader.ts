import { randomUUID } from 'node:crypto';
import type { Consumer, ConsumerEndBatchProcessEvent, EachBatchPayload } from 'kafkajs';
import type { ConsumedOffset, RawRecord } from '../broker.js';
import { KafkaSetupError } from '../errors.js';
import { partitionName } from '../partition-name.js';
import { asSetupError } from './away.js';
import { max } from './bigints.js';
import { rawRecordOf } from './raw-record.js';
import * as settings from './settings.js';
import { withAdmin } from './topics.js';
import { allOf } from './waiting.js';

/**
 * Where reading begins: at the oldest record, at a time, so many records before the end of each partition, or behind what was
 * consumed, which is nothing of a partition that is missing.
 */
export type From = 'earliest' | Date | { readonly last: number } | { readonly consumed: readonly ConsumedOffset[] };

export interface Stretch {
  readonly topic: string;
  readonly partition: number;
  readonly from: bigint;
  readonly end: bigint;
}

type OnRecords = (records: readonly RawRecord[]) => Promise<void>;

/**
 * Reads the records that the topics hold now, without a place in any consumer group that a service uses.
 * @param onRecords called with the records of one partition at a time, in order and each once; not again after it has failed
 * @throws KafkaSetupError when the brokers are away or send nothing for 30 s, and whatever `onRecords` throws
 */
export async function readLog(
  reach: settings.Reach,
  { topics, from, reachTimeoutMs }: { topics: readonly string[]; from: From; reachTimeoutMs: number },
  onRecords: OnRecords,
): Promise<void> {
  const stretches = await withAdmin(reach, reachTimeoutMs, async (admin) => {
    const read = topics.map(async (topic): Promise<Stretch[]> => {
      const ranges = await admin.fetchTopicOffsets(topic);
      const since = from instanceof Date ? await admin.fetchTopicOffsetsByTimestamp(topic, from.getTime()) : [];
      return ranges.map(({ partition, low, high }) => {
        const end = BigInt(high);
        const wanted =
          from instanceof Date
            ? BigInt(since.find((one) => one.partition === partition)?.offset ?? high)
            : beginOf(from, { topic, partition, end });
        return { topic, partition, from: max(wanted, BigInt(low)), end };
      });
    });
    return (await allOf(read)).flat();
  });
  await readStretches(reach, stretches, onRecords);
}

function beginOf(from: Exclude<From, Date>, { topic, partition, end }: Omit<Stretch, 'from'>): bigint {
  if (from === 'earliest') return 0n;
  if ('last' in from) return end - BigInt(from.last);
  const consumed = from.consumed.find((one) => one.topic === topic && one.partition === partition);
  return BigInt(consumed?.next ?? 0);
}

/** See {@link readLog}. @param quietMs how long to wait for the next records */
export async function readStretches(
  reach: settings.Reach,
  stretches: readonly Stretch[],
  onRecords: OnRecords,
  { quietMs = 30_000, clientOf = settings.clientOf } = {},
): Promise<void> {
  const wanted = stretches.filter((one) => one.from < one.end);
  if (wanted.length === 0) return;
  // Without log: the caller reports the failure.
  const silent = { ...reach, log: () => undefined };
  const groupId = `${reach.clientId}.reader-${randomUUID()}`;
  const consumer = clientOf(silent, settings.CONSUMER_RETRY).consumer({
    groupId,
    allowAutoTopicCreation: false,
    maxWaitTimeInMs: settings.MAX_WAIT_MS,
  });
  const silence = new KafkaSetupError(`KAFKA_BROKERS ${reach.brokers.join(',')} send no records`, true);
  const reading = new Reading(wanted, onRecords, quietMs, silence);
  const { CRASH, END_BATCH_PROCESS } = consumer.events;
  consumer.on(CRASH, ({ payload }) => reading.fail(payload.error));
  consumer.on(END_BATCH_PROCESS, ({ payload }) => reading.pass(payload));
  const started = start(consumer, wanted, reading);
  // A connection that broke needs no closing.
  const close = () => consumer.disconnect().catch(() => undefined);
  try {
    // Both at once: the reading may fail, by a crash or the silence, while the consumer still joins.
    await Promise.all([started, reading.done]);
  } catch (error) {
    throw asSetupError(error, reach);
  } finally {
    reading.end();
    await close();
    // kafkajs finishes a join that it was in when it was closed, and stays in the group.
    void started.then(close, close);
    const forget = withAdmin(silent, 0, (admin) => admin.deleteGroups([groupId]));
    // The group expires by itself.
    await forget.catch(() => undefined);
  }
}

async function start(consumer: Consumer, stretches: readonly Stretch[], reading: Reading): Promise<void> {
  await consumer.connect();
  await consumer.subscribe({ topics: [...new Set(stretches.map(({ topic }) => topic))], fromBeginning: true });
  await consumer.run({ autoCommit: false, eachBatch: (payload) => reading.take(payload) });
  for (const { topic, partition, from } of stretches) consumer.seek({ topic, partition, offset: String(from) });
}

/** What is left of the stretches. */
class Reading {
  /** Settles when all of them are handled, or when that fails. */
  readonly done: Promise<void>;
  readonly #resolve: () => void;
  readonly #reject: (error: Error) => void;
  readonly #left: Map<string, Stretch>;
  #quiet: NodeJS.Timeout;
  #ended = false;

  /** @param silence the failure where no records arrive for `quietMs` */
  constructor(
    stretches: readonly Stretch[],
    private readonly onRecords: OnRecords,
    private readonly quietMs: number,
    private readonly silence: Error,
  ) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.done = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#left = new Map(stretches.map((one) => [partitionName(one), one]));
    this.#quiet = this.#listen();
  }

  async take(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const name = partitionName(batch);
    const stretch = this.#left.get(name);
    if (stretch === undefined) return;
    // The broker has answered: the work on its answer is no silence.
    clearTimeout(this.#quiet);
    const own = batch.messages.filter(({ offset }) => BigInt(offset) >= stretch.from && BigInt(offset) < stretch.end);
    const last = own.at(-1);
    if (last !== undefined) {
      // A consumer that joins again, after a broker was away, begins at the oldest record: nothing is committed.
      this.#left.set(name, { ...stretch, from: BigInt(last.offset) + 1n });
      const records = own.map((message) => rawRecordOf(batch.topic, batch.partition, message));
      // An error would make kafkajs deliver the batch again, for ever.
      await this.onRecords(records).catch((error: Error) => this.fail(error));
    }
    await payload.heartbeat();
  }

  /** No record is handed over any more: the next ones may follow from those that failed. */
  fail(error: Error): void {
    this.#left.clear();
    this.#reject(error);
  }

  /**
   * After each fetch, also after one of nothing but records that kafkajs leaves out, for which `take` is not called: the
   * markers and the events of aborted transactions.
   */
  pass(fetched: ConsumerEndBatchProcessEvent['payload']): void {
    if (this.#ended) return;
    clearTimeout(this.#quiet);
    this.#quiet = this.#listen();
    const name = partitionName(fetched);
    if (BigInt(fetched.lastOffset) + 1n >= (this.#left.get(name)?.end ?? 0n)) this.#left.delete(name);
    if (this.#left.size === 0) this.#resolve();
  }

  end(): void {
    // A batch that ends later must not set the timer again.
    this.#ended = true;
    clearTimeout(this.#quiet);
  }

  #listen(): NodeJS.Timeout {
    return setTimeout(() => this.fail(this.silence), this.quietMs);
  }
}
