import { randomUUID } from 'node:crypto';
import type { ConsumedOffset, RawRecord } from '../broker.js';
import { KafkaSetupError } from '../errors.js';
import { partitionName } from '../partition-name.js';
import { max } from './bigints.js';
import { rawRecordOf } from './raw-record.js';
import * as settings from './settings.js';
import { withAdmin } from './topics.js';

/**
 * Where reading begins: at the oldest record, at a time, so many records before the end of each partition, or behind what was
 * consumed, which is nothing of a partition that is missing.
 */
export type From = 'earliest' | Date | { readonly last: number } | { readonly consumed: readonly ConsumedOffset[] };

interface Stretch {
  readonly topic: string;
  readonly partition: number;
  readonly from: bigint;
  readonly end: bigint;
}

const QUIET_MS = 30_000;

/**
 * Reads the records that the topics hold now, without a place in any consumer group that a service uses.
 * @param onRecords called with the records of one partition at a time, in order
 * @throws KafkaSetupError when nothing arrives for 30 s, and whatever `onRecords` throws
 */
export async function readLog(
  reach: settings.Reach,
  { topics, from, reachTimeoutMs }: { topics: readonly string[]; from: From; reachTimeoutMs: number },
  onRecords: (records: readonly RawRecord[]) => Promise<void>,
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
    return (await Promise.all(read)).flat();
  });
  const left = new Map(stretches.filter((one) => one.from < one.end).map((one) => [partitionName(one), one]));
  if (left.size > 0) await readStretches(reach, left, onRecords);
}

function beginOf(from: Exclude<From, Date>, { topic, partition, end }: Omit<Stretch, 'from'>): bigint {
  if (from === 'earliest') return 0n;
  if ('last' in from) return end - BigInt(from.last);
  const consumed = from.consumed.find((one) => one.topic === topic && one.partition === partition);
  return BigInt(consumed?.next ?? 0);
}

async function readStretches(
  reach: settings.Reach,
  left: Map<string, Stretch>,
  onRecords: (records: readonly RawRecord[]) => Promise<void>,
): Promise<void> {
  const client = settings.clientOf({ ...reach, log: () => undefined }, settings.CONSUMER_RETRY);
  const groupId = `${reach.clientId}.reader-${randomUUID()}`;
  const consumer = client.consumer({ groupId, allowAutoTopicCreation: false, maxWaitTimeInMs: settings.MAX_WAIT_MS });
  const { promise: done, resolve, reject } = Promise.withResolvers<void>();
  const late = () => reject(new KafkaSetupError(`KAFKA_BROKERS ${reach.brokers.join(',')} send no records`));
  let quiet = setTimeout(late, QUIET_MS);
  const { CRASH, END_BATCH_PROCESS } = consumer.events;
  consumer.on(CRASH, ({ payload }) => reject(payload.error));
  // The handler below is not called for a fetch of nothing but records that kafkajs leaves out: the markers and the events of
  // aborted transactions.
  consumer.on(END_BATCH_PROCESS, ({ payload }) => {
    clearTimeout(quiet);
    quiet = setTimeout(late, QUIET_MS);
    const name = partitionName(payload);
    if (BigInt(payload.lastOffset) + 1n >= (left.get(name)?.end ?? 0n)) left.delete(name);
    if (left.size === 0) resolve();
  });
  try {
    await consumer.connect();
    await consumer.subscribe({
      topics: [...new Set([...left.values()].map(({ topic }) => topic))],
      fromBeginning: true,
    });
    const stretches = [...left.values()];
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch, heartbeat }) => {
        const stretch = left.get(partitionName(batch));
        if (stretch === undefined) return;
        // The broker has answered: the work on its answer is no silence.
        clearTimeout(quiet);
        const own = batch.messages.filter(
          ({ offset }) => BigInt(offset) >= stretch.from && BigInt(offset) < stretch.end,
        );
        // An error would make kafkajs deliver the batch again, for ever.
        if (own.length > 0)
          await onRecords(own.map((message) => rawRecordOf(batch.topic, batch.partition, message))).catch(reject);
        await heartbeat();
      },
    });
    for (const { topic, partition, from } of stretches) consumer.seek({ topic, partition, offset: String(from) });
    await done;
  } finally {
    clearTimeout(quiet);
    await consumer.disconnect().catch(() => undefined);
    // A batch that ended meanwhile has set it again.
    clearTimeout(quiet);
    await withAdmin(reach, settings.REQUEST_TIMEOUT_MS, (admin) => admin.deleteGroups([groupId])).catch(
      () => undefined,
    );
  }
}
