import type { ServiceTypes } from '@orderflow/decider';
import { type EventType, topicOf } from '@orderflow/contracts';
import { EventStrategy } from '@orderflow/kafka';
import { freshTraceparent } from '@orderflow/telemetry';
import type { Dependencies } from '../definition/dependencies.js';
import { type ConsumerDefinition, typesOf } from '../definition/service-definition.js';
import type { ParkedRecord } from '../parking/parking.js';
import { Redrive } from '../parking/redrive.js';
import type { Sql } from '../store/sql.js';
import type { AfterCommit } from '../transaction/command-handler.js';
import { Commands } from '../transaction/commands.js';
import type { Incoming } from '../transaction/incoming.js';
import { EventHandler } from './event-handler.js';

/** One consumer group of a service: its subscription, its event handler, its commands, and the retries of its parked records. */
export class ConsumerGroup<T extends ServiceTypes = ServiceTypes, Tx = Sql> {
  readonly name: string;
  readonly commands: Commands<T, Tx>;
  /** To be connected to Nest as a microservice. */
  readonly strategy: EventStrategy;
  readonly redrive: Redrive<Tx>;
  private readonly events: EventHandler<T>;

  constructor(definition: ConsumerDefinition<T, Tx>, dependencies: Dependencies<Tx>, afterCommit?: AfterCommit) {
    const { store, broker, codec, settings } = dependencies;
    const { topicPrefix: prefix } = settings;
    const { service, consumer } = definition;
    const types = typesOf(definition);
    this.name = consumer;
    this.commands = new Commands(definition, dependencies, afterCommit);
    const parking = store.parking(service, consumer, prefix);
    const probe = async () => parking.holds(store.database, ['']);
    this.events = new EventHandler<T>(definition, this.commands, dependencies, probe);
    this.redrive = new Redrive(parking, this.events, dependencies);
    this.strategy = new EventStrategy({
      broker,
      codec,
      groupId: prefix + consumer,
      group: consumer,
      topics: topicsOf(types, prefix),
      prefix,
      consumes: types,
      handler: this.events,
      consumed: this.commands.handler.storage.offsets,
      onFatal: (error) => dependencies.onFatal(error),
    });
  }

  /** A parked record as the command handler takes it; undefined where its type is not consumed: a retry removes it. */
  async incomingOf({ id, record }: ParkedRecord): Promise<Incoming<T['command']> | undefined> {
    const delivery = await this.events.decode(record);
    return delivery && this.events.incomingOf(delivery, freshTraceparent(), id);
  }

  /** The outcome of the command handler, inside a transaction that the caller rolls back. */
  async dryRun(tx: Tx, incoming: Incoming<T['command']>) {
    const { work, outcomes } = await this.commands.handler.apply(tx, [incoming]);
    return {
      outcome: outcomes[0]!,
      publishes: work.records.map(({ headers }) => headers['ce_type'] ?? ''),
      calls: work.calls.map(({ kind }) => kind),
    };
  }

  start(): void {
    this.redrive.start();
  }

  async stop(): Promise<void> {
    await this.redrive.stop();
    await this.commands.stop();
  }
}

/** The topics that carry these event types, with the prefix, each once. */
export const topicsOf = (types: Iterable<EventType>, prefix: string): string[] => [
  ...new Set([...types].map((type) => prefix + topicOf(type))),
];
