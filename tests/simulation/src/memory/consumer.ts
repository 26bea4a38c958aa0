import { type ConsumedOffset, partitionName, type RawRecord, type Subscription } from '@orderflow/kafka';
import type { RareCounts } from '../rare-paths.js';
import type { Action, Process, Scheduler } from '../scheduler.js';

/** The end of a partition, as the offset of its next record. */
export type End = readonly [topicPartition: string, offset: number];

/** The part of a broker that its consumers use. */
export interface Logs {
  readonly scheduler: Scheduler;
  readonly rare: RareCounts;
  /** @param topicPartition `<topic>/<partition>` */
  log(topicPartition: string): readonly RawRecord[];
}

/** A consumer group: generation, members and committed offsets. */
export class Group {
  generation = 0;
  /** Offsets by `<topic>/<partition>`. */
  readonly committed = new Map<string, number>();
  private members: MemoryConsumer[] = [];

  constructor(private readonly partitions: number) {}

  join(consumer: MemoryConsumer): void {
    this.members = [...this.members.filter((member) => member !== consumer), consumer];
    this.generation++;
  }

  leave(consumer: MemoryConsumer): void {
    if (!this.members.includes(consumer)) return;
    this.members = this.members.filter((member) => member !== consumer);
    this.generation++;
  }

  has(consumer: MemoryConsumer): boolean {
    return this.members.includes(consumer);
  }

  partitionsOf(consumer: MemoryConsumer): string[] {
    const mine = this.members.indexOf(consumer);
    return mine < 0 ? [] : this.allPartitionsOf(consumer).filter((_, i) => i % this.members.length === mine);
  }

  /** The partitions of its topics, whichever member they are assigned to. */
  allPartitionsOf(consumer: MemoryConsumer): string[] {
    return consumer.subscription.topics.flatMap((topic) =>
      Array.from({ length: this.partitions }, (_, partition) => `${topic}/${partition}`),
    );
  }
}

/** A consumer with its own view of the group: it may work on partitions that were assigned to another one since. */
export class MemoryConsumer {
  private readonly fetches = new Map<string, Fetch>();
  /** The end of every partition of its topics when it last joined. */
  ends: readonly End[] = [];
  private generation = -1;
  private isCommitting = false;
  private readonly joining: Action;
  private readonly committing: Action & { since: number };

  constructor(
    readonly broker: Logs,
    readonly process: Process,
    readonly subscription: Subscription,
    readonly group: Group,
  ) {
    const { groupId } = subscription;
    this.joining = { process, label: `${groupId} rejoins`, since: 0, run: () => this.join() };
    const commit = () => void this.commit();
    this.committing = { process, label: `${groupId} commits its offsets`, since: 0, run: commit };
  }

  /** Whether the group has rebalanced without this consumer. */
  get isZombie(): boolean {
    return this.generation !== this.group.generation;
  }

  join(): void {
    if (!this.group.has(this)) this.group.join(this);
    this.generation = this.group.generation;
    this.ends = this.group.allPartitionsOf(this).map((name): End => [name, this.broker.log(name).length]);
    this.fetches.clear();
    void this.begin();
  }

  /** Whether the group has consumed everything that was stored when this consumer last joined. */
  async caughtUp(): Promise<boolean> {
    const { ends } = this;
    // The reader of the health check asks again.
    const positions = await this.positions().catch(() => undefined);
    return positions !== undefined && ends.every(([name, end]) => (positions.get(name) ?? 0) >= end);
  }

  /** Begins its partitions where the offsets of the subscription say. */
  private async begin(): Promise<void> {
    const { generation } = this;
    let positions: ReadonlyMap<string, number> | undefined;
    while (positions === undefined) {
      // The database is away: it is read again until it answers.
      positions = await this.positions().catch(() => undefined);
      if (generation !== this.generation) return;
    }
    for (const name of this.group.partitionsOf(this))
      this.fetches.set(name, new Fetch(this, name, positions.get(name) ?? 0));
  }

  private async positions(): Promise<ReadonlyMap<string, number>> {
    const { consumed } = this.subscription;
    if (consumed === undefined) return this.group.committed;
    return new Map((await consumed.read()).map((offset) => [partitionName(offset), Number(offset.next)]));
  }

  /** Fetches everything again. */
  rewind(): void {
    for (const fetch of this.fetches.values()) fetch.position = 0;
  }

  /** Pauses one partition. @returns its name */
  holdBack(which: number, until: number): string | undefined {
    const fetch = [...this.fetches.values()][which % this.fetches.size];
    if (fetch) fetch.heldUntil = until;
    return fetch?.name;
  }

  release(): void {
    for (const fetch of this.fetches.values()) fetch.heldUntil = 0;
  }

  /** The next record of each of its partitions. */
  next(): RawRecord[] {
    return [...this.fetches.values()].flatMap(({ log, position }) => log[position] ?? []);
  }

  /** Records that it has not handled. */
  get lag(): number {
    const all = this.group.partitionsOf(this);
    return all.reduce((sum, name) => sum + this.broker.log(name).length - (this.group.committed.get(name) ?? 0), 0);
  }

  addActions(actions: Action[]): void {
    if (this.generation !== this.group.generation) actions.push(this.joining);
    let isAhead = false;
    for (const fetch of this.fetches.values()) {
      if (fetch.isReady) actions.push(fetch);
      if (fetch.handled > 0 && fetch.handled > (this.group.committed.get(fetch.name) ?? 0)) isAhead = true;
    }
    if (isAhead && !this.isCommitting) actions.push(this.committing);
  }

  /** Commits the handled offsets. The broker refuses those of an old generation. */
  async commit(): Promise<void> {
    const { generation, broker, group } = this;
    const offsets = [...this.fetches.values()].map(({ name, handled }) => [name, handled] as const);
    this.isCommitting = true;
    const consumed = offsets.flatMap(([name, handled]) => (handled > 0 ? [offsetAt(name, handled)] : []));
    const commit = () => {
      if (generation !== group.generation) {
        broker.rare.add('a zombie could not commit its offsets');
        throw new Error('illegal generation');
      }
      for (const [name, handled] of offsets)
        group.committed.set(name, Math.max(handled, group.committed.get(name) ?? 0));
    };
    // After a failure the records are delivered again, and the inbox drops them.
    const stored = this.subscription.consumed?.write(consumed) ?? Promise.resolve();
    await stored.then(() => broker.scheduler.request(this.process, 'commit offsets', commit)).catch(() => undefined);
    this.isCommitting = false;
    this.committing.since = broker.scheduler.step;
  }
}

/** Fetches one partition since its assignment. */
class Fetch implements Action {
  readonly process: Process;
  readonly log: readonly RawRecord[];
  /** Everything before this offset is handled. */
  handled: number;
  heldUntil = 0;
  since: number;
  private isBusy = false;

  constructor(
    private readonly consumer: MemoryConsumer,
    readonly name: string,
    public position: number,
  ) {
    this.process = consumer.process;
    this.handled = position;
    this.log = consumer.broker.log(name);
    this.since = consumer.broker.scheduler.step;
  }

  get isReady(): boolean {
    return this.log.length > this.position && !this.isBusy && this.consumer.broker.scheduler.step >= this.heldUntil;
  }

  get label(): string {
    return `${this.consumer.subscription.groupId} fetches ${this.name} from ${this.position}`;
  }

  run(): void {
    void this.handle(this.position);
  }

  private async handle(position: number): Promise<void> {
    const records = this.log.slice(position);
    this.isBusy = true;
    const isHandled = await this.consumer.subscription.onBatch(records).then(
      () => true,
      () => false,
    );
    this.isBusy = false;
    this.since = this.consumer.broker.scheduler.step;
    // After a rewind it goes on from there.
    if (isHandled && this.position === position) this.position = this.handled = position + records.length;
  }
}

function offsetAt(name: string, next: number): ConsumedOffset {
  const [topic, partition] = name.split('/') as [string, string];
  return { topic, partition: Number(partition), next: String(next), appendedAt: null };
}
