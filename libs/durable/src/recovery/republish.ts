import { StartError } from '@orderflow/config';
import { eventsOf } from '@orderflow/contracts';
import type { ServiceTypes } from '@orderflow/decider';
import { topicsOf } from '../consumer/consumer-group.js';
import type { ServiceDefinition } from '../definition/service-definition.js';
import { forgetPublished } from '../outbox/published-offsets.js';
import type { ConnectedDependencies } from '../runtime/connect.js';
import type { Sql } from '../store/sql.js';
import { appendKept } from './append-kept.js';
import { takeCluster } from './cluster.js';
import type { KeptEvents, KeptSubject } from './kept-events.js';

const SUBJECTS_AT_ONCE = 200;

/** What `republish` found. */
export interface Republished {
  /** Events by type. */
  readonly found: ReadonlyMap<string, number>;
  /** Events of an older version, which kept no ids. */
  readonly unkept: number;
  /** Events that the newest schema does not accept, a line each. */
  readonly unreadable: readonly string[];
}

interface Counts extends Republished {
  readonly found: Map<string, number>;
  unkept: number;
  readonly unreadable: string[];
}

/**
 * Publishes again what the broker has lost, with the same ids: consumers drop what they know. The records go through the outbox,
 * all of one order in their order, and the relay sends them.
 */
export class Republish<T extends ServiceTypes> {
  private readonly topics: readonly string[];

  constructor(
    private readonly definition: ServiceDefinition<T>,
    private readonly dependencies: ConnectedDependencies,
  ) {
    this.topics = topicsOf(eventsOf(definition.service), dependencies.settings.topicPrefix);
  }

  /**
   * @param since leaves out events before this time
   * @param isDryRun changes nothing
   * @throws StartError while the service runs: its relay could publish in between
   */
  async run(since: 'earliest' | Date, isDryRun: boolean): Promise<Republished> {
    const { store, broker } = this.dependencies;
    const session = store.session(`${this.definition.service} republish`);
    const connection = store.batches(`${this.definition.service} republish`);
    const transaction = <R>(work: (sql: Sql) => Promise<R>) =>
      isDryRun ? connection.rolledBack(work) : connection.transaction(work);
    try {
      if (!isDryRun) await session.session((sql) => this.demandNoRelay(sql));
      const all: Counts = { found: new Map(), unkept: 0, unreadable: [] };
      for (const kept of this.definition.keeps ?? []) await this.appendAll(kept, since, transaction, all);
      const clusterId = await broker.clusterId();
      // Last: until then a relay that is started holds its rows back, so that no event overtakes an older one of its order.
      await transaction(async (sql) => {
        await forgetPublished(sql, this.topics);
        await takeCluster(sql, clusterId);
      });
      return all;
    } finally {
      await connection.end();
      await session.end();
    }
  }

  private async demandNoRelay(sql: Sql): Promise<void> {
    const { service } = this.definition;
    // This session counts as one.
    const { relays } = await this.dependencies.store.shardLocks.join(sql);
    if (relays > 1)
      throw new StartError(
        `${service} is running: stop every instance of it, then run "orderflow republish ${service}"`,
      );
  }

  private async appendAll(
    kept: KeptEvents,
    since: 'earliest' | Date,
    transaction: <R>(work: (sql: Sql) => Promise<R>) => Promise<R>,
    all: Counts,
  ): Promise<void> {
    const from = since === 'earliest' ? '' : since.toISOString();
    for (let after: string | undefined, more = true; more;) {
      const subjects = await transaction(async (sql) => {
        const page = await kept.page(sql, after, SUBJECTS_AT_ONCE);
        const { events, unreadable } = await appendKept(sql, page, this.definition.service, this.dependencies, from);
        for (const { type } of events) all.found.set(type, (all.found.get(type) ?? 0) + 1);
        all.unreadable.push(...unreadable);
        return page;
      });
      all.unkept += subjects.reduce((sum, { unkept }: KeptSubject) => sum + unkept, 0);
      after = subjects.at(-1)?.subject;
      more = subjects.length === SUBJECTS_AT_ONCE;
    }
  }
}
