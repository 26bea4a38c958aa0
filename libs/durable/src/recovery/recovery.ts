import { StartError } from '@orderflow/config';
import { eventsOf } from '@orderflow/contracts';
import type { ServiceTypes } from '@orderflow/decider';
import type { RawRecord } from '@orderflow/kafka';
import { topicsOf } from '../consumer/consumer-group.js';
import { reasonOf } from '../base/failures.js';
import type { ServiceDefinition } from '../definition/service-definition.js';
import type { ConnectedDependencies } from '../runtime/connect.js';
import type { Sql } from '../store/sql.js';
import { OwnEvents, type Published } from './own-events.js';

// Copies or foreign records may be among the last ones.
const LAST = 10;
const AT_ONCE = 200;

/** What `recover` found: events by type. */
export interface Recovered {
  readonly found: ReadonlyMap<string, number>;
  /** The oldest and newest time among them. */
  readonly between: readonly [string, string] | undefined;
}

/** A service whose database does not hold what the service has published: it was restored to an earlier point. */
export class Recovery<T extends ServiceTypes> {
  private readonly own: OwnEvents<T>;
  private readonly topics: readonly string[];

  constructor(
    private readonly definition: ServiceDefinition<T>,
    private readonly dependencies: ConnectedDependencies,
  ) {
    this.own = new OwnEvents<T>(definition, dependencies);
    this.topics = topicsOf(eventsOf(definition.service), dependencies.settings.topicPrefix);
  }

  /**
   * Compares the last records of the service's own topics with its database.
   * @throws StartError when an event is missing there: deciding without it would contradict what others have acted on
   */
  async check(): Promise<void> {
    const { service } = this.definition;
    const records: RawRecord[] = [];
    const read = async (some: readonly RawRecord[]) => void records.push(...some);
    await this.dependencies.broker.readLog(this.topics, { last: LAST }, read);
    const [first] = await this.inTransaction('ROLLBACK', async (sql) =>
      this.own.missing(sql, await this.own.decode(records)),
    );
    if (first === undefined) return;
    const { type, subject } = first.event;
    throw new StartError(
      `DATABASE_URL: the database does not hold ${type} of ${subject}, which this service has published: it was restored to an earlier point; run "orderflow recover ${service}" before the service starts`,
    );
  }

  /**
   * Takes events back from the service's own topics.
   * @param from the oldest record, or a time before the restored point
   * @param isDryRun changes nothing
   * @throws StartError when an event cannot be taken back; the events before it are
   */
  async recover(from: 'earliest' | Date, isDryRun: boolean): Promise<Recovered> {
    const found = new Map<string, number>();
    const times: string[] = [];
    await this.dependencies.broker.readLog(this.topics, from, async (records) => {
      for (let at = 0; at < records.length; at += AT_ONCE) {
        const missing = await this.takeBack(records.slice(at, at + AT_ONCE), isDryRun);
        for (const { event } of missing) {
          found.set(event.type, (found.get(event.type) ?? 0) + 1);
          times.push(event.time);
        }
      }
    });
    const [first, ...rest] = times.toSorted();
    return { found, between: first === undefined ? undefined : [first, rest.at(-1) ?? first] };
  }

  private async takeBack(records: readonly RawRecord[], isDryRun: boolean): Promise<readonly Published<T>[]> {
    const published = await this.own.decode(records);
    if (published.length === 0) return [];
    try {
      return await this.inTransaction(isDryRun ? 'ROLLBACK' : 'COMMIT', async (sql) => {
        const missing = await this.own.missing(sql, published);
        if (!isDryRun) await this.own.takeBack(sql, published);
        return missing;
      });
    } catch (error) {
      const { topic, partition, offset } = records[0]!;
      throw new StartError(`events from ${topic}/${partition}/${offset} on cannot be taken back: ${reasonOf(error)}`);
    }
  }

  private async inTransaction<R>(end: 'COMMIT' | 'ROLLBACK', work: (sql: Sql) => Promise<R>): Promise<R> {
    const connection = this.dependencies.store.batches(`${this.definition.service} recovery`);
    try {
      return await (end === 'COMMIT' ? connection.transaction(work) : connection.rolledBack(work));
    } finally {
      await connection.end();
    }
  }
}
