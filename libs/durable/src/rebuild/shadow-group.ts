import type { ServiceTypes } from '@orderflow/decider';
import type { ConsumedOffset, RawRecord } from '@orderflow/kafka';
import { topicsOf } from '../consumer/consumer-group.js';
import { type ConsumerDefinition, type ReadModel, typesOf } from '../definition/service-definition.js';
import { offsetsAfter } from '../offsets/group-offsets.js';
import { commandOf, eventsIn } from '../recovery/events-in.js';
import type { ConnectedDependencies } from '../runtime/connect.js';
import type { Sql } from '../store/sql.js';
import { Commands } from '../transaction/commands.js';
import { readBehind } from './read-behind.js';
import { type Beside, ShadowTable } from './shadow-table.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Offsets of a read model's group for a table that is not live. */
export const groupBeside = (consumer: string, beside: Beside): string => `${consumer}.${beside}`;

/**
 * Folds events into a table beside the live one, never further than the live group has consumed. Its offsets follow the rows:
 * a batch that is folded twice changes nothing.
 */
export class ShadowGroup<T extends ServiceTypes> {
  /** Subjects of the records that were read since {@link noteSubjects}. */
  readonly subjects = new Set<string>();
  private readonly commands: Commands<T>;
  private readonly topics: readonly string[];
  private readonly consumer: string;

  constructor(
    private readonly projection: ConsumerDefinition<T>,
    model: ReadModel<T>,
    table: ShadowTable,
    private readonly dependencies: ConnectedDependencies,
  ) {
    this.consumer = groupBeside(projection.consumer, table.beside);
    const definition: ConsumerDefinition<T> = {
      ...projection,
      consumer: this.consumer,
      repository: model.repository(table.name),
      decider: model.decider,
      // The metrics tell of the live group.
      observe: () => undefined,
    };
    this.commands = new Commands<T>(definition, dependencies);
    this.topics = topicsOf(typesOf(projection), dependencies.settings.topicPrefix);
  }

  noteSubjects(): void {
    this.subjects.clear();
  }

  /**
   * Reads to the offsets that the live group has now.
   * @param onProgress called with how many records were read, and how many there are to read
   * @returns how many there were
   */
  async catchUp(onProgress: (done: number, total: number) => void = () => undefined): Promise<number> {
    const { broker, store } = this.dependencies;
    const live = await this.offsetsOf(this.projection.consumer);
    const behind = await this.offsetsOf(this.consumer);
    const fold = (records: readonly RawRecord[]) => this.fold(records);
    const { total, reached } = await readBehind(broker, this.topics, { live, behind }, fold, onProgress);
    // Also where the topics hold nothing up to there: it would be read for ever.
    await store.offsets(this.consumer).set(store.database, reached);
    return total;
  }

  async end(): Promise<void> {
    await this.commands.stop();
  }

  private async fold(records: readonly RawRecord[]): Promise<void> {
    const { store, clock } = this.dependencies;
    for (const { key } of records) {
      const subject = key?.toString().toLowerCase() ?? '';
      if (UUID.test(subject)) this.subjects.add(subject);
    }
    const events = await eventsIn(records, typesOf(this.projection), this.consumer, this.dependencies);
    const { reactions } = this.projection;
    // An event that is refused here has no predecessor in the topics, or the live group has parked it.
    await Promise.all(events.map((traced) => this.commands.submit(commandOf(reactions, traced, clock))));
    await store.offsets(this.consumer).set(store.database, offsetsAfter(records));
  }

  private offsetsOf(consumer: string): Promise<readonly ConsumedOffset[]> {
    const { store } = this.dependencies;
    return store.offsets(consumer).read(store.database);
  }
}

/** In the transaction of a switch: the offsets go with their tables. */
export async function moveOffsets(sql: Sql, consumer: string, from: Beside, to: Beside): Promise<void> {
  await sql.query('DELETE FROM consumed_offsets WHERE consumer = $1', [groupBeside(consumer, to)]);
  await sql.query('UPDATE consumed_offsets SET consumer = $2 WHERE consumer = $1', [
    groupBeside(consumer, from),
    groupBeside(consumer, to),
  ]);
}
