import { StartError } from '@orderflow/config';
import { eventsOf } from '@orderflow/contracts';
import type { ServiceTypes } from '@orderflow/decider';
import type { RawRecord } from '@orderflow/kafka';
import { topicsOf } from '../consumer/consumer-group.js';
import { reasonOf } from '../base/failures.js';
import type { ServiceDefinition } from '../definition/service-definition.js';
import type { ConnectedDependencies } from '../runtime/connect.js';
import type { Sql } from '../store/sql.js';
import { DecidedFirst } from './decided-first.js';
import { OwnEvents, type Published } from './own-events.js';
import { TakenBack } from './taken-back.js';

// Copies or foreign records may be among the last ones.
const LAST = 10;
const AT_ONCE = 200;

/** What `recover` found. */
export interface Recovered {
  /** Events that the service published, by type, and that its database does not hold. */
  readonly found: ReadonlyMap<string, number>;
  /** The oldest and newest time among them. */
  readonly between: readonly [string, string] | undefined;
  /** Events of others, by type, that the database has not consumed and that are decided first (`TakeBack`). */
  readonly decidedFirst: ReadonlyMap<string, number>;
}

/** A service whose database does not hold what the service has published: it was restored to an earlier point. */
export class Recovery<T extends ServiceTypes> {
  readonly service: T['service'];
  private readonly own: OwnEvents<T>;
  private readonly topics: readonly string[];

  constructor(
    private readonly definition: ServiceDefinition<T>,
    private readonly dependencies: ConnectedDependencies,
  ) {
    this.service = definition.service;
    this.own = new OwnEvents<T>(definition, dependencies);
    this.topics = topicsOf(eventsOf(definition.service), dependencies.settings.topicPrefix);
  }

  /**
   * Compares the last records of the service's own topics with its database.
   * @throws StartError when an event is missing there: deciding without it would contradict what others have acted on. Errors of
   * the database, and TransientError of the registry, as they are
   */
  async check(): Promise<void> {
    const { service } = this.definition;
    const records: RawRecord[] = [];
    const read = async (some: readonly RawRecord[]) => void records.push(...some);
    await this.dependencies.broker.readLog(this.topics, { last: LAST }, read);
    const published = await this.own.decode(records);
    const [first] = await this.inTransaction('ROLLBACK', (sql) => this.own.missing(sql, published));
    if (first === undefined) return;
    const { type, subject } = first.event;
    throw new StartError(
      `DATABASE_URL: the database does not hold ${type} of ${subject}, which this service has published: it was restored to an earlier point; run "orderflow recover ${service}" before the service starts`,
    );
  }

  /**
   * Takes events back from the service's own topics, and decides those of others that must come first.
   * @param from the oldest record, or a time before the restored point
   * @param isDryRun changes nothing
   * @throws StartError when an event cannot be taken back; others are
   */
  async recover(from: 'earliest' | Date, isDryRun: boolean): Promise<Recovered> {
    const found = new Map<string, number>();
    const times: string[] = [];
    const note = (missing: readonly Published<T>[]) => {
      for (const { event } of missing) {
        count(found, event.type);
        times.push(event.time);
      }
    };
    const back = new TakenBack<T>(async (events) => note(await this.takeBack(events)));
    // One topic after the other: a product comes before the orders that reserve it.
    for (const topic of this.topics)
      await this.dependencies.broker.readLog([topic], from, async (records) => {
        for (let at = 0; at < records.length; at += AT_ONCE) {
          const some = records.slice(at, at + AT_ONCE);
          const published = await this.own.decode(some);
          if (published.length === 0) continue;
          if (isDryRun) note(await this.inTransaction('ROLLBACK', async (sql) => this.own.missing(sql, published)));
          else await locating(some[0]!, back.add(published));
        }
      });
    await back.end();
    const [first, ...rest] = times.toSorted();
    const between = first === undefined ? undefined : ([first, rest.at(-1) ?? first] as const);
    // Behind the own events, which tell what has been decided already.
    return { found, between, decidedFirst: await this.decideFirst(isDryRun) };
  }

  private async decideFirst(isDryRun: boolean): Promise<ReadonlyMap<string, number>> {
    const { store, broker, settings } = this.dependencies;
    const found = new Map<string, number>();
    const decided = new DecidedFirst<T>(this.definition, this.dependencies);
    try {
      if (decided.types.length === 0) return found;
      const consumed = await store.offsets(this.definition.consumer).read(store.database);
      await broker.readLog(topicsOf(decided.types, settings.topicPrefix), { consumed }, async (records) => {
        for (let at = 0; at < records.length; at += AT_ONCE) {
          const events = await decided.decode(records.slice(at, at + AT_ONCE));
          for (const { event } of events) count(found, event.type);
          if (!isDryRun) await decided.decide(events);
        }
      });
      return found;
    } finally {
      await decided.end();
    }
  }

  /** @returns those that were missing */
  private takeBack(published: readonly Published<T>[]): Promise<readonly Published<T>[]> {
    return this.inTransaction('COMMIT', async (sql) => {
      const missing = await this.own.missing(sql, published);
      await this.own.takeBack(sql, published);
      return missing;
    });
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

function count(found: Map<string, number>, type: string): void {
  found.set(type, (found.get(type) ?? 0) + 1);
}

/** @throws StartError with the place of the first record, where the work fails */
async function locating({ topic, partition, offset }: RawRecord, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    throw new StartError(`events from ${topic}/${partition}/${offset} on cannot be taken back: ${reasonOf(error)}`);
  }
}
