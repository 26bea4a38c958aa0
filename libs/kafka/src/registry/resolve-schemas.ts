import type { EventType } from '@orderflow/contracts';
import { envelopeSchema, subjectOf } from '../codec/envelope-schema.js';
import { isTransient, lineOf, RegistrySetupError } from '../errors.js';
import { pause } from '../driver/backoff.js';
import type { SchemaRegistry } from './schema-registry.js';

/**
 * The schema ids of the given events.
 * @param reachTimeoutMs how long to wait for an unreachable registry, ms
 * @throws RegistrySetupError
 */
export async function resolveSchemas(
  registry: Pick<SchemaRegistry, 'register' | 'idOf'>,
  types: readonly EventType[],
  autoRegister: boolean,
  reachTimeoutMs: number,
): Promise<ReadonlyMap<EventType, number>> {
  const until = Date.now() + reachTimeoutMs;
  const ids = new Map<EventType, number>();
  for (const type of types) ids.set(type, await retryWhileAway(() => idOf(registry, type, autoRegister), until));
  return ids;
}

function idOf(registry: Pick<SchemaRegistry, 'register' | 'idOf'>, type: EventType, register: boolean) {
  return register
    ? registry.register(subjectOf(type), envelopeSchema(type))
    : registry.idOf(subjectOf(type), envelopeSchema(type));
}

async function retryWhileAway<T>(request: () => Promise<T>, until: number): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await request();
    } catch (error) {
      if (!isTransient(error)) throw error;
      if (Date.now() >= until)
        throw new RegistrySetupError(
          `SCHEMA_REGISTRY_URL: ${lineOf(error)}: start the registry, or set the variable to the URL of a running one`,
        );
      await pause(attempt);
    }
  }
}
