import { type Patience, untilReached } from '@orderflow/config';
import type { EventType } from '@orderflow/contracts';
import { envelopeSchema, subjectOf } from '../codec/envelope-schema.js';
import { isTransient, lineOf, RegistrySetupError } from '../errors.js';
import type { SchemaRegistry } from './schema-registry.js';

/**
 * The schema ids of the given events.
 * @param patience with a registry that cannot be reached
 * @throws RegistrySetupError
 */
export async function resolveSchemas(
  registry: Pick<SchemaRegistry, 'register' | 'idOf'>,
  types: readonly EventType[],
  autoRegister: boolean,
  patience: Patience,
): Promise<ReadonlyMap<EventType, number>> {
  const ids = new Map<EventType, number>();
  const method = autoRegister ? 'register' : 'idOf';
  for (const type of types)
    ids.set(type, await untilReached(() => asked(registry[method](subjectOf(type), envelopeSchema(type))), patience));
  return ids;
}

async function asked<T>(answer: Promise<T>): Promise<T> {
  return answer.catch((error: unknown) => {
    if (!isTransient(error)) throw error;
    const remedy = 'start the registry, or set the variable to the URL of a running one';
    throw new RegistrySetupError(`SCHEMA_REGISTRY_URL: ${lineOf(error)}: ${remedy}`, true);
  });
}
