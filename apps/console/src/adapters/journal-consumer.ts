import { JOURNAL_GROUP, topics } from '@orderflow/contracts';
import { Batcher, Connection, type Database, GroupOffsets, OffsetRows, systemClock } from '@orderflow/durable';
import type { Broker, EventCodec, RawRecord, RunningConsumer } from '@orderflow/kafka';
import type { Read } from './journal-row.js';
import { JournalWriter } from './journal-writer.js';
import { readRecord } from './read-record.js';

/** The consumer group, without prefix. */
export const GROUP = JOURNAL_GROUP;

/** Full names of all topics. */
export const journalTopics = (prefix: string): string[] => Object.keys(topics).map((name) => prefix + name);

interface Parts {
  readonly broker: Pick<Broker, 'consume'>;
  readonly codec: Pick<EventCodec, 'decode'>;
  readonly database: Database;
  readonly databaseUrl: string;
  readonly prefix: string;
  readonly onFatal: (error: Error) => void;
}

/** Reads every topic from its beginning, and writes each record into the journal. */
export class JournalConsumer {
  private readonly connection: Connection;
  private readonly offsets;
  private readonly batcher: Batcher<Read, void>;
  private running: RunningConsumer | undefined;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly parts: Parts) {
    const { database, databaseUrl, prefix, onFatal } = parts;
    this.connection = new Connection(databaseUrl, GROUP);
    this.offsets = new GroupOffsets(new OffsetRows(GROUP), database, onFatal);
    this.batcher = new Batcher(new JournalWriter(this.connection, this.offsets, GROUP, prefix), systemClock);
  }

  async start(): Promise<void> {
    const { broker, prefix, onFatal } = this.parts;
    this.running = await broker.consume({
      groupId: prefix + GROUP,
      topics: journalTopics(prefix),
      consumed: this.offsets,
      onBatch: (records) => this.write(records),
      onFatal,
    });
  }

  /** See {@link Journal}. */
  onWritten(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  ready(): boolean {
    return this.running?.ready() ?? false;
  }

  /** Whether everything is in the journal that was on the topics when this consumer last joined. */
  async caughtUp(): Promise<boolean> {
    return (await this.running?.caughtUp()) ?? false;
  }

  async stop(): Promise<void> {
    await this.running?.stop();
    await this.batcher.idle();
    await this.connection.end();
  }

  private async write(records: readonly RawRecord[]): Promise<void> {
    const { codec, prefix } = this.parts;
    const reads: Read[] = [];
    // The registry may be away: the whole fetch comes again.
    for (const record of records) reads.push(await readRecord(record, codec, prefix));
    // Every submission is waited for, also after one has failed: the records come again.
    const written = await Promise.allSettled(reads.map(async (read) => this.batcher.submit(read)));
    const failed = written.find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
    for (const listener of this.listeners) listener();
  }
}
