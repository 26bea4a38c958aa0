import {
  type Appended,
  type Broker,
  type OutgoingRecord,
  partitionName,
  PublishRefused,
  type RawRecord,
  type RunningConsumer,
  type Subscription,
} from '@orderflow/kafka';
import type { Process, Scheduler } from '../scheduler.js';
import { RareCounts } from '../rare-paths.js';
import { Group, type Logs, MemoryConsumer } from './consumer.js';

/** A Kafka broker in memory: its log and its consumer groups. */
export class MemoryBroker implements Logs {
  readonly consumers = new Set<MemoryConsumer>();
  /** Ids of events that it refuses for their content. */
  readonly refuses = new Set<string>();
  /** The next send stores the records of one partition only and fails. */
  storesAPart = false;
  private readonly logs = new Map<string, RawRecord[]>();
  private readonly groups = new Map<string, Group>();

  constructor(
    readonly scheduler: Scheduler,
    private readonly now: () => number,
    readonly rare = new RareCounts(),
    private readonly onAppend: (record: OutgoingRecord) => void = () => undefined,
  ) {}

  /** The broker, connected to one process. */
  of(process: Process): Pick<Broker, 'publish' | 'consume'> {
    return {
      publish: (records) => this.scheduler.request(process, `send ${records.length}`, () => this.store(records)),
      consume: async (subscription) => this.join(process, subscription),
    };
  }

  log(topicPartition: string): RawRecord[] {
    let log = this.logs.get(topicPartition);
    if (!log) this.logs.set(topicPartition, (log = []));
    return log;
  }

  group(id: string): Group {
    let group = this.groups.get(id);
    if (!group) this.groups.set(id, (group = new Group(PARTITIONS)));
    return group;
  }

  private store(records: readonly OutgoingRecord[]): readonly Appended[] {
    const batches = new Map<string, Appended>();
    for (const record of records) {
      if (this.refuses.has(record.headers['ce_id']!)) throw new PublishRefused(new Error('too large'));
      if (this.storesAPart && partitionOf(record.key) !== 0) continue;
      const batch = this.append(record);
      const name = partitionName(batch);
      batches.set(name, batches.get(name) ?? batch);
    }
    if (!this.storesAPart) return [...batches.values()];
    this.storesAPart = false;
    this.rare.add('a send of which a part was stored');
    throw new Error('some partitions did not answer');
  }

  private append(record: OutgoingRecord): Appended {
    const partition = partitionOf(record.key);
    const log = this.log(`${record.topic}/${partition}`);
    const offset = String(log.length);
    log.push({
      topic: record.topic,
      partition,
      offset,
      timestamp: new Date(this.now()),
      key: Buffer.from(record.key),
      value: record.value,
      headers: Object.fromEntries(Object.entries(record.headers).map(([name, text]) => [name, Buffer.from(text)])),
    });
    this.onAppend(record);
    return { topic: record.topic, partition, offset };
  }

  private join(process: Process, subscription: Subscription): RunningConsumer {
    const consumer = new MemoryConsumer(this, process, subscription, this.group(subscription.groupId));
    this.consumers.add(consumer);
    consumer.join();
    return {
      ready: () => true,
      live: () => true,
      caughtUp: () => consumer.caughtUp(),
      stop: async () => {
        await consumer.commit();
        consumer.group.leave(consumer);
        this.consumers.delete(consumer);
      },
    };
  }
}

const PARTITIONS = 2;

/** FNV-1a: the same key always gets the same partition. */
function partitionOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return (hash >>> 8) % PARTITIONS;
}
