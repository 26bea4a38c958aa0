import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { untilReached } from '@orderflow/config';
import { eventsOf } from '@orderflow/contracts';
import type { ServiceTypes } from '@orderflow/decider';
import { type EventStrategy, orRegistryAway } from '@orderflow/kafka';
import { reasonOf } from '../base/failures.js';
import type { Log } from '../base/log.js';
import { topicsOf } from '../consumer/consumer-group.js';
import type { Connections } from '../definition/connections.js';
import { type ServiceDefinition, typesOf } from '../definition/service-definition.js';
import { checkCluster } from '../recovery/cluster.js';
import { Rebuild } from '../rebuild/rebuild.js';
import { SnapshotRebuild } from '../rebuild/snapshot-rebuild.js';
import { Recovery } from '../recovery/recovery.js';
import { Republish } from '../recovery/republish.js';
import type { Database } from '../store/database.js';
import { connect, type ConnectedDependencies, patienceOf } from './connect.js';
import { measure } from './gauges.js';
import { ServiceInstance } from './service-instance.js';

/** A health check: `probe` throws when it fails. */
interface Check {
  readonly name: string;
  readonly probe: () => Promise<unknown> | void;
}

/**
 * A service instance on real dependencies, with its metrics and health checks. Its workers run from Nest's bootstrap until
 * HTTP and the transports are closed.
 */
export class ServiceRuntime<T extends ServiceTypes = ServiceTypes>
  implements OnApplicationBootstrap, OnApplicationShutdown
{
  /** To be connected to Nest as microservices. */
  readonly strategies: readonly EventStrategy[];

  private constructor(
    readonly recovery: Recovery<T>,
    readonly republish: Republish<T>,
    /** One for each read model. */
    readonly rebuilds: readonly Rebuild[],
    readonly snapshots: SnapshotRebuild | undefined,
    readonly instance: ServiceInstance<T>,
    readonly dependencies: ConnectedDependencies,
    readonly connections: Connections,
  ) {
    this.strategies = instance.groups.map(({ strategy }) => strategy);
  }

  /**
   * Connects a service; nothing is consumed or sent before the bootstrap.
   * @throws an error with one line for the operator when broker, topics, registry or database are missing or differ
   */
  static async create<T extends ServiceTypes>(
    definition: ServiceDefinition<T>,
    connections: Connections,
    log: Log,
  ): Promise<ServiceRuntime<T>> {
    const dependencies = await connect(definition, connections, log);
    const { topicPrefix } = connections;
    const groups = [definition, ...(definition.projections ?? [])];
    measure({
      database: dependencies.store.database,
      broker: dependencies.broker,
      topicPrefix,
      topics: new Map(groups.map((group) => [group.consumer, topicsOf(typesOf(group), topicPrefix)])),
      published: topicsOf(eventsOf(definition.service), topicPrefix),
      kinds: Object.keys(definition.callers ?? {}),
      onError: (error) => log.warn({ reason: reasonOf(error) }, 'some metrics cannot be read'),
    });
    const recovery = new Recovery<T>(definition, dependencies);
    const republish = new Republish<T>(definition, dependencies);
    const rebuilds = (definition.projections ?? []).flatMap((projection) =>
      projection.readModel ? [new Rebuild(projection, projection.readModel, dependencies)] : [],
    );
    const { service, snapshots } = definition;
    return new ServiceRuntime(
      recovery,
      republish,
      rebuilds,
      snapshots && new SnapshotRebuild(service, snapshots, dependencies.store),
      new ServiceInstance(definition, dependencies),
      dependencies,
      connections,
    );
  }

  /**
   * Compares broker and database, and waits for as long as one of them, or the registry, cannot be reached.
   * @throws StartError where an operator has to act before the service consumes or publishes
   */
  async check(): Promise<void> {
    const { broker, log } = this.dependencies;
    const compare = async () => {
      await checkCluster(this.recovery.service, this.database, await broker.clusterId());
      await this.recovery.check();
    };
    await untilReached(() => this.database.starting(() => orRegistryAway(compare())), patienceOf(log));
  }

  get database(): Database {
    return this.dependencies.store.database;
  }

  onApplicationBootstrap(): void {
    this.instance.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.instance.stop();
    await this.dependencies.broker.disconnect();
    await this.database.end();
  }

  /** Ready: the database answers and takes writes, and the consumers have joined their groups and heartbeat. */
  ready(): Check[] {
    return [
      { name: 'database', probe: () => this.dependencies.store.writes.probe() },
      { name: 'consumers', probe: () => this.assertJoined() },
    ];
  }

  private assertJoined(): void {
    if (!this.strategies.every((strategy) => strategy.ready())) throw new Error('group not joined, or no heartbeat');
  }
}
