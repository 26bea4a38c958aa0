import type { Reading, Registered } from '@orderflow/console-api';
import { type EventType, versionsOf } from '@orderflow/contracts';
import { type Log, orTransientError, reasonOf, type Sql } from '@orderflow/durable';
import { envelopeSchema, RegistrySetupError, type SchemaRegistry, subjectOf } from '@orderflow/kafka';
import type { LastEvent, Sightings } from '../../domain/catalog/catalog.js';
import { eventTypes } from '../../domain/flow/graph.js';
import { SharedReading } from '../flow/shared-reading.js';

/** A registry changes with a deployment, and an answer takes two requests for each event. */
const REGISTRY_FRESH_MS = 30_000;

// A backward step on the index for each version, however long the journal is.
const LAST_EVENTS = `
  SELECT released.type, released.version, last.event_id AS "eventId", last.appended_at AS at
  FROM unnest($1::text[], $2::text[]) AS released(type, version)
  CROSS JOIN LATERAL (
    SELECT event_id, appended_at FROM journal
    WHERE type = released.type AND schema_version = released.version AND why IS NULL AND appended_at <= $3
    ORDER BY appended_at DESC LIMIT 1
  ) AS last`;

/** The newest events from the journal; rules and ids from the schema registry. */
export class LiveSightings implements Sightings {
  private readonly sql: Sql;
  private readonly registry: SharedReading<Registered[]>;

  constructor(sql: Sql, registry: Pick<SchemaRegistry, 'compatibilityOf' | 'idOf'>, log: Pick<Log, 'warn'>) {
    this.sql = orTransientError(sql);
    this.registry = new SharedReading({
      ask: async () => Promise.all(eventTypes.map((type) => registeredOf(registry, type))),
      why: 'the schema registry does not answer',
      onSilence: (error) => log.warn({ reason: reasonOf(error) }, 'the rules of the schema registry are not known'),
      freshMs: REGISTRY_FRESH_MS,
    });
  }

  lastEvents(at: Date | undefined): Promise<readonly LastEvent[]> {
    const released = eventTypes.flatMap((type) => versionsOf(type).map(({ version }) => ({ type, version })));
    const types = released.map(({ type }) => type);
    const versions = released.map(({ version }) => version);
    return this.sql.query<LastEvent>(LAST_EVENTS, [types, versions, at ?? 'infinity']);
  }

  registered(): Promise<Reading<Registered[]>> {
    return this.registry.read();
  }
}

/** @throws TransientError when the registry does not answer */
async function registeredOf(
  registry: Pick<SchemaRegistry, 'compatibilityOf' | 'idOf'>,
  type: EventType,
): Promise<Registered> {
  const subject = subjectOf(type);
  const [rule, schemaId] = await Promise.all([registry.compatibilityOf(subject), idOf(registry, type)]);
  return { type, rule: rule ?? null, schemaId };
}

async function idOf(registry: Pick<SchemaRegistry, 'idOf'>, type: EventType): Promise<number | null> {
  try {
    return await registry.idOf(subjectOf(type), envelopeSchema(type));
  } catch (error) {
    // The registry has answered: the schema is not there.
    if (error instanceof RegistrySetupError) return null;
    throw error;
  }
}
