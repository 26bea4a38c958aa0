import type { Consumer, ConsumerCrashEvent, ConsumerStartBatchProcessEvent, EachBatchPayload } from 'kafkajs';
import type { ConsumedOffset, RunningConsumer, Subscription } from '../broker.js';
import { lineOf } from '../errors.js';
import { partitionName } from '../partition-name.js';
import { isAway } from './away.js';
import { type Assignment, readBeginnings } from './beginnings.js';
import { CatchUp } from './catch-up.js';
import { OffsetCommits } from './offset-commits.js';
import type { OffsetReader } from './offset-reader.js';
import { PartitionWork } from './partition-work.js';
import { rawRecordOf } from './raw-record.js';
import * as settings from './settings.js';
import { aborted, pause, within } from './waiting.js';

const STOP_MS = 10_000;

/** One member of a group. No exception of a handler reaches kafkajs: kafkajs would stop for good or rebalance the group. */
export class KafkajsConsumer implements RunningConsumer {
  readonly #stopping = new AbortController();
  readonly #closed = new AbortController();
  readonly #work: PartitionWork;
  readonly #busy = new Set<Promise<unknown>>();
  readonly #commits: OffsetCommits;
  readonly #catchUp: CatchUp;
  /** The latest offset that is known to be handled in this generation, by partition. */
  readonly #positions = new Map<string, ConsumedOffset>();
  #consumer: Consumer | undefined;
  #generation = 0;
  #joined = false;
  /** By `performance.now()`: the wall clock may be set. */
  #acknowledgedAt = 0;
  #stopped: Promise<void> | undefined;
  #launching: Promise<void> | undefined;
  /** Resolves when every partition of the current generation is set to its beginning. */
  #begun: Promise<void> = Promise.resolve();

  constructor(
    private readonly reach: settings.Reach,
    private readonly subscription: Subscription,
    private readonly partitions: number,
    private readonly offsets: Pick<OffsetReader, 'positionsOf' | 'firstAfter'>,
    private readonly client: typeof settings.clientOf = settings.clientOf,
  ) {
    this.#work = new PartitionWork((records) => subscription.onBatch(records), reach.log);
    this.#commits = new OffsetCommits((consumed) => this.#commit(consumed), reach.log);
    const positions = () => offsets.positionsOf(subscription.groupId, subscription.topics);
    this.#catchUp = new CatchUp(positions, async () => {
      const consumed = await subscription.consumed?.read();
      return new Map((consumed ?? (await positions())).map((offset) => [partitionName(offset), BigInt(offset.next)]));
    });
  }

  ready(): boolean {
    return this.#joined && this.live();
  }

  live(): boolean {
    return performance.now() - this.#acknowledgedAt < settings.SESSION_TIMEOUT_MS;
  }

  async caughtUp(): Promise<boolean> {
    return (await this.#catchUp.caughtUp()) && this.ready();
  }

  /** Joins the group, or tries until stopped, also while no connection can be opened. @throws any other error of kafkajs */
  async start(): Promise<void> {
    this.#acknowledgedAt = performance.now();
    this.#launching = this.#launch().catch((error: unknown) => {
      if (!isAway(error)) throw error;
      this.reach.log('warn', `kafka: the group cannot be joined yet: ${lineOf(error)}`);
      return this.#relaunch();
    });
    await this.#launching;
    this.#commits.start();
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #launch(): Promise<void> {
    const consumer = this.client(this.reach, settings.CONSUMER_RETRY).consumer({
      groupId: this.subscription.groupId,
      allowAutoTopicCreation: false,
      sessionTimeout: settings.SESSION_TIMEOUT_MS,
      rebalanceTimeout: settings.REBALANCE_TIMEOUT_MS,
      heartbeatInterval: settings.HEARTBEAT_INTERVAL_MS,
      maxBytesPerPartition: settings.MAX_BYTES_PER_PARTITION,
      maxWaitTimeInMs: settings.MAX_WAIT_MS,
      minBytes: 1,
      retry: settings.CONSUMER_RETRY,
    });
    this.#consumer = consumer;
    this.#watch(consumer);
    try {
      await this.#run(consumer);
    } catch (error) {
      // Some of its connections may be open already.
      await within(STOP_MS, consumer.disconnect()).catch(() => false);
      throw error;
    }
  }

  async #run(consumer: Consumer): Promise<void> {
    await consumer.connect();
    // From the beginning where nothing is committed: events published before a group's first join would be lost otherwise.
    // guard: a new group reads from the beginning
    await consumer.subscribe({ topics: [...this.subscription.topics], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: this.partitions,
      eachBatch: (payload) => this.#onFetch(payload),
    });
  }

  #watch(consumer: Consumer): void {
    const { GROUP_JOIN, HEARTBEAT, REBALANCING, CRASH, DISCONNECT, START_BATCH_PROCESS } = consumer.events;
    consumer.on(GROUP_JOIN, ({ payload }) => {
      this.#positions.clear();
      this.#begun = this.#begin(++this.#generation, payload.memberAssignment);
      this.#joined = true;
      this.#acknowledgedAt = performance.now();
      this.#commits.keepOnly(payload.memberAssignment);
      this.#catchUp.joined();
    });
    consumer.on(HEARTBEAT, () => {
      this.#acknowledgedAt = performance.now();
      // A coordinator that loads its groups after a restart refuses the join. The member then continues in its generation, and
      // kafkajs reports no second join.
      this.#joined = true;
    });
    consumer.on(REBALANCING, () => {
      this.#joined = false;
    });
    consumer.on(DISCONNECT, () => {
      this.#joined = false;
    });
    consumer.on(CRASH, (event) => this.#onCrash(event));
    consumer.on(START_BATCH_PROCESS, ({ payload }) => this.#pass(payload));
  }

  async #onFetch(payload: EachBatchPayload): Promise<void> {
    // Returning at once would make kafkajs fetch the same records again in a tight loop.
    if (this.#stopping.signal.aborted) return aborted(this.#closed.signal);
    // guard: no exception reaches kafkajs
    const work = this.#handle(payload).catch((error: unknown) => {
      this.reach.log('error', `kafka: a fetch failed: ${lineOf(error)}`);
    });
    this.#busy.add(work);
    await work;
    this.#busy.delete(work);
  }

  async #handle(payload: EachBatchPayload): Promise<void> {
    const { topic, partition, messages } = payload.batch;
    const last = messages.at(-1);
    if (last === undefined) return;
    const generation = this.#generation;
    // guard: nothing is committed in a later generation
    const ours = () => generation === this.#generation && payload.isRunning() && !payload.isStale();
    const records = messages.map((message) => rawRecordOf(topic, partition, message));
    const heartbeat = () => payload.heartbeat();
    const handled = await this.#work.handle({ records, ours, heartbeat, begun: this.#begun });
    // After a rebalance kafkajs would resolve the offset in the new generation, in which another member owns the partition.
    // guard: no offset moves past work that was under way at the stop
    if (!handled || !ours()) return;
    payload.resolveOffset(last.offset);
    // The next offset to read is committed, not the last one that was read. Behind it may be records that kafkajs leaves out.
    const next = String(BigInt(payload.batch.lastOffset()) + 1n);
    this.#handled({ topic, partition, next, appendedAt: records.at(-1)!.timestamp });
  }

  /**
   * A fetch of nothing but records that kafkajs leaves out, the markers and the events of aborted transactions: they would be
   * lag for ever at the end of a partition. Passed only where they follow what this member knows to be handled.
   */
  #pass({ topic, partition, batchSize, firstOffset, lastOffset }: ConsumerStartBatchProcessEvent['payload']): void {
    const known = this.#positions.get(partitionName({ topic, partition }));
    // It is null where kafkajs leaves out the whole fetch because compaction has removed what was asked for.
    const first = (firstOffset as string | null) ?? lastOffset;
    if (batchSize > 0 || known === undefined || BigInt(first) > BigInt(known.next)) return;
    const next = BigInt(lastOffset) + 1n;
    // guard: records that no consumer is shown leave no lag
    if (next > BigInt(known.next)) this.#handled({ ...known, next: String(next) });
  }

  #handled(offset: ConsumedOffset): void {
    this.#positions.set(partitionName(offset), offset);
    this.#commits.handled(offset);
  }

  /**
   * Sets each partition to where the subscription's own offsets say, and repeats that until it succeeds: the broker's offsets
   * are ahead of a database that was restored to an earlier point.
   */
  async #begin(generation: number, assignment: Assignment): Promise<void> {
    const { consumed } = this.subscription;
    const isOver = () => generation !== this.#generation || this.#stopping.signal.aborted;
    for (let attempt = 0; consumed !== undefined && !isOver(); attempt++) {
      try {
        const subscription = { ...this.subscription, consumed };
        const own = await readBeginnings(subscription, this.offsets, assignment, this.reach.log);
        if (isOver()) return;
        // guard: a consumer begins where its own offsets say
        for (const { topic, partition, next } of own) this.#consumer!.seek({ topic, partition, offset: next });
        // The broker's offsets follow, also where no record is left that would move them.
        for (const offset of own) this.#handled(offset);
        return;
      } catch (error) {
        this.reach.log('warn', `kafka: the consumed offsets cannot be read yet: ${lineOf(error)}`);
        // A stop rejects the pause; the loop ends then.
        await pause(attempt, this.#stopping.signal).catch(() => undefined);
      }
    }
  }

  async #commit(offsets: readonly ConsumedOffset[]): Promise<void> {
    await this.subscription.consumed?.write(offsets);
    // Lag is measured by the broker's offsets.
    await this.#consumer?.commitOffsets(
      offsets.map(({ topic, partition, next }) => ({ topic, partition, offset: next })),
    );
  }

  #onCrash({ payload: { error, restart } }: ConsumerCrashEvent): void {
    this.#joined = false;
    if (restart || this.#stopping.signal.aborted) return;
    // guard: a consumer that cannot come back ends the process
    if (isAway(error)) this.#launching = this.#relaunch();
    else this.subscription.onFatal(error);
  }

  async #relaunch(): Promise<void> {
    for (let attempt = 3; !this.#stopping.signal.aborted; attempt++) {
      try {
        await pause(attempt, this.#stopping.signal);
        await this.#launch();
        return;
      } catch (error) {
        // A stop rejects the pause: that is no failure.
        if (this.#stopping.signal.aborted) return;
        this.reach.log('warn', `kafka: the group cannot be joined yet: ${lineOf(error)}`);
      }
    }
  }

  async #stop(): Promise<void> {
    this.#stopping.abort();
    this.#work.stop();
    await within(STOP_MS, Promise.all(this.#busy));
    this.#work.abandon();
    await within(STOP_MS, this.#commits.stop());
    // kafkajs joins the group even when it is stopped during the join. The caller of `start` has the error of a failed one.
    await within(
      STOP_MS,
      this.#launching?.catch(() => undefined),
    );
    const disconnected = this.#consumer?.disconnect();
    this.#closed.abort();
    await within(STOP_MS, disconnected).catch((error: unknown) => {
      this.reach.log('warn', `kafka: the consumer did not close: ${lineOf(error)}`);
    });
    this.#joined = false;
  }
}
