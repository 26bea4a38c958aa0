import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { ServiceTypes } from '@orderflow/decider';
import type { EventStrategy } from '@orderflow/kafka';
import { reasonOf } from '../base/failures.js';
import type { Log } from '../base/log.js';
import { topicsOf } from '../consumer/consumer-group.js';
import type { Connections } from '../definition/connections.js';
import { type ServiceDefinition, typesOf } from '../definition/service-definition.js';
import type { Database } from '../store/database.js';
import { connect, type ConnectedDependencies } from './connect.js';
import { measure } from './gauges.js';
import { ServiceInstance } from './service-instance.js';

// A working relay sends within milliseconds; a row this old means that no relay works.
const OUTBOX_IS_STUCK_MS = 60_000;

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
      kinds: Object.keys(definition.callers ?? {}),
      onError: (error) => log.warn({ reason: reasonOf(error) }, 'some metrics cannot be read'),
    });
    return new ServiceRuntime(new ServiceInstance(definition, dependencies), dependencies, connections);
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

  /** Live: the consumers heartbeat and the outbox moves. */
  live(): Check[] {
    const outbox = async () => {
      // An unreachable database makes a service not ready; a restart would not help.
      const state = await this.dependencies.store.outbox.state(this.database).catch(() => undefined);
      assert(!state || state.oldestAgeMs < OUTBOX_IS_STUCK_MS, 'the oldest outbox row is not sent');
    };
    return [this.consumers((strategy) => strategy.live(), 'no heartbeat'), { name: 'outbox', probe: outbox }];
  }

  /** Ready: the database answers and the consumer groups are joined. */
  ready(): Check[] {
    return [
      { name: 'database', probe: () => this.database.query('SELECT 1') },
      this.consumers((strategy) => strategy.ready(), 'group not joined'),
    ];
  }

  private consumers(holds: (strategy: EventStrategy) => boolean, otherwise: string): Check {
    return { name: 'consumers', probe: () => assert(this.strategies.every(holds), otherwise) };
  }
}

function assert(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}
