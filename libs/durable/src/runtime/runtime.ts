import type { WorkingSet } from '@orderflow/decider';
import type { EventType, Service } from '@orderflow/contracts';
import type { EventCodec, EventStrategy, KafkajsBroker } from '@orderflow/kafka';
import { systemClock } from '../base/clock.js';
import { Commands } from '../transaction/commands.js';
import type { Connections } from '../store/connections.js';
import { type ConsumerGroup, type DryRunTarget, topicsOf } from '../consumer/consumer-group.js';
import type { Database } from '../store/database.js';
import { reasonOf } from '../base/failures.js';
import { measure } from './gauges.js';
import type { Log } from '../consumer/event-handler.js';
import { Loop } from '../base/loop.js';
import { member } from './member.js';
import type { ServiceOptions } from '../definition/options.js';
import { Outbox } from '../outbox/outbox.js';
import { PostgresStore } from '../store/postgres-store.js';
import type { Relay } from '../outbox/relay.js';
import { connect } from './world.js';

const PURGE_MS = 60_000;
// A relay that works sends within milliseconds; a row this old means that nobody does.
const OUTBOX_IS_STUCK_MS = 60_000;

interface Worker {
  start(): void;
  stop(): Promise<void>;
}

/** What can be looked at and retried from outside. */
export interface Operated {
  readonly database: Database;
  readonly codec: EventCodec;
  readonly log: Log;
  readonly connections: Connections;
  readonly consumers: readonly DryRunTarget[];
}

/** A health check: `probe` throws when something is wrong. */
interface Check {
  readonly name: string;
  readonly probe: () => Promise<unknown> | void;
}

/** All that runs in one service, in the order in which it is started; it is stopped the other way round. */
export class ServiceRuntime<State = unknown, Command = unknown> {
  readonly commands: Commands<State, Command>;
  /** To be connected to Nest as microservices. */
  readonly strategies: readonly EventStrategy[];

  private constructor(
    readonly database: Database,
    /** What an operator's tools need of it. */
    readonly operated: Operated,
    private readonly broker: KafkajsBroker,
    main: Pick<ConsumerGroup<State, Command, unknown, never>, 'submit'>,
    private readonly consumerGroups: readonly (Worker & { readonly strategy: EventStrategy })[],
    private readonly workers: readonly Worker[],
    private readonly relay: Relay,
  ) {
    this.commands = new Commands((incoming) => main.submit(incoming));
    this.strategies = consumerGroups.map(({ strategy }) => strategy);
  }

  /**
   * Connects a service to its world; nothing is consumed or sent before `start`.
   * @throws an error with one line to say when broker, topics, registry or database are not as they must be
   */
  static async create<S extends Service, State, Command, Event, Loaded extends WorkingSet<State, Command>>(
    options: ServiceOptions<S, State, Command, Event, Loaded>,
    log: Log,
  ): Promise<ServiceRuntime<State, Command>> {
    const { connections, handling, reactions, projections = [] } = options;
    const { database, broker, codec } = await connect(options, log);
    const warn = (message: string) => log.warn({}, message);
    const store = new PostgresStore(database, connections.databaseUrl);
    const onFatal = (error: Error) => die(log, error);
    const ground = { store, broker, codec, clock: systemClock, connections, log, onFatal };
    const { main, views, relay, calls, deadlines } = member(options, ground);
    const { consumer } = handling;
    const workers = [calls, purging(consumer, store, warn), deadlines].filter((worker) => worker !== undefined);
    const groups = [{ consumer, heard: Object.keys(reactions) as EventType[] }, ...projections];
    measure({
      database,
      broker,
      consumers: groups.map((group) => group.consumer),
      topicPrefix: connections.topicPrefix,
      topics: new Map(groups.map((group) => [group.consumer, topicsOf(group.heard, connections.topicPrefix)])),
      kinds: Object.keys(options.callers ?? {}),
      onError: (error) => log.warn({ reason: reasonOf(error) }, 'some metrics cannot be read'),
    });
    const consumerGroups = [main, ...views];
    const operated = {
      database,
      codec,
      log,
      connections,
      consumers: consumerGroups.map(({ dryRunTarget }) => dryRunTarget),
    };
    return new ServiceRuntime<State, Command>(database, operated, broker, main, consumerGroups, workers, relay);
  }

  start(): void {
    this.relay.start();
    for (const worker of [...this.workers, ...this.consumerGroups]) worker.start();
  }

  /** After HTTP and the consumers are closed: workers, what they have handed in, the relay, then the connections. */
  async stop(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.stop()));
    await Promise.all(this.consumerGroups.map((consumerGroup) => consumerGroup.stop()));
    await this.relay.stop();
    await this.broker.disconnect();
    await this.database.end();
  }

  /** Live: the consumers heartbeat and the outbox moves. */
  live(): Check[] {
    return [
      {
        name: 'consumers',
        probe: () =>
          assert(
            this.strategies.every((strategy) => strategy.live()),
            'no heartbeat',
          ),
      },
      {
        name: 'outbox',
        probe: async () => {
          // That the database is away makes a service not ready; a restart would not mend it.
          const state = await new Outbox().state(this.database).catch(() => undefined);
          assert(!state || state.oldestAgeMs < OUTBOX_IS_STUCK_MS, 'the oldest row is not sent');
        },
      },
    ];
  }

  /** Ready: the database answers and the groups are joined. */
  ready(): Check[] {
    return [
      { name: 'database', probe: () => this.database.query('SELECT 1') },
      {
        name: 'consumers',
        probe: () =>
          assert(
            this.strategies.every((strategy) => strategy.ready()),
            'group not joined',
          ),
      },
    ];
  }
}

/** Forgets what no topic holds any more. */
function purging(consumer: string, store: PostgresStore, warn: (message: string) => void): Worker {
  const inbox = store.inbox(consumer);
  return new Loop(
    () => inbox.purge(store.database),
    PURGE_MS,
    (reason) => warn(`inbox: ${reason}`),
  );
}

function assert(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

/** A consumer that will not come back by itself: a process that lives on without it would look healthy and do nothing. */
function die(log: Log, error: Error): void {
  log.warn({ reason: reasonOf(error) }, 'the consumer is gone for good: ending the process');
  process.exit(1);
}
