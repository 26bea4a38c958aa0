import type { WorkingSet } from '@orderflow/decider';
import { deadLettersOf, type EventType, eventsOf, type Service } from '@orderflow/contracts';
import { EventCodec, KafkajsBroker, SchemaRegistry } from '@orderflow/kafka';
import { topicsOf } from '../consumer/consumer-group.js';
import { Database } from '../store/database.js';
import type { Log } from '../consumer/event-handler.js';
import type { ServiceOptions } from '../definition/options.js';

/** What a service stands on. */
export interface World {
  readonly database: Database;
  readonly broker: KafkajsBroker;
  readonly codec: EventCodec;
}

/**
 * Reaches database, broker and registry, and checks that each is as the service needs it: tables, topics, schemas.
 * @throws an error with one line to say otherwise
 */
export async function connect<S extends Service, State, Command, Event, Loaded extends WorkingSet<State, Command>>(
  { connections, handling, reactions, projections = [] }: ServiceOptions<S, State, Command, Event, Loaded>,
  log: Log,
): Promise<World> {
  const { databaseUrl, kafkaBrokers, schemaRegistryUrl, topicPrefix } = connections;
  const { service } = handling;
  const database = new Database(databaseUrl, service);
  await database.reachable();
  const broker = new KafkajsBroker({
    brokers: [...kafkaBrokers],
    clientId: service,
    log: (level, message) => (level === 'debug' ? log.debug({}, message) : log.warn({}, message)),
  });
  const heard = [...(Object.keys(reactions) as EventType[]), ...projections.flatMap((projection) => projection.heard)];
  // Those that it writes to as well: one that is missing would hold up all that its relay sends.
  const said = [...topicsOf(eventsOf(service), topicPrefix), topicPrefix + deadLettersOf(service)];
  await broker.checkTopics([...new Set([...topicsOf(heard, topicPrefix), ...said])], topicPrefix);
  const registry = new SchemaRegistry(schemaRegistryUrl);
  const codec = await EventCodec.start({ registry, service, autoRegister: connections.schemaAutoRegister });
  return { database, broker, codec };
}
