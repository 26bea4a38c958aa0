import { type Patience, untilReached } from '@orderflow/config';
import type { EventType } from '@orderflow/contracts';
import { envelopeSchema, subjectOf } from '../codec/envelope-schema.js';
import { isTransient, lineOf, RegistrySetupError } from '../errors.js';
import { COMPATIBILITY, type SchemaRegistry } from './schema-registry.js';

/** What a registry must answer at a start. */
export type SchemaResolver = Pick<SchemaRegistry, 'register' | 'idOf' | 'compatibilityOf' | 'demandCompatibility'>;

/**
 * The schema ids of the given events, whose subjects are under {@link COMPATIBILITY}.
 * @param autoRegister whether what is missing is registered, and the rule set
 * @param patience with a registry that cannot be reached
 * @throws RegistrySetupError
 */
export async function resolveSchemas(
  registry: SchemaResolver,
  types: readonly EventType[],
  autoRegister: boolean,
  patience: Patience,
): Promise<ReadonlyMap<EventType, number>> {
  const ids = new Map<EventType, number>();
  for (const type of types)
    ids.set(type, await untilReached(() => orRegistryAway(resolve(registry, type, autoRegister)), patience));
  return ids;
}

async function resolve(registry: SchemaResolver, type: EventType, autoRegister: boolean): Promise<number> {
  const subject = subjectOf(type);
  // Before the version that the rule is to judge.
  if (autoRegister) await registry.demandCompatibility(subject);
  const id = await registry[autoRegister ? 'register' : 'idOf'](subject, envelopeSchema(type));
  // Again: some registries keep no rule for a subject that has no version yet.
  if (autoRegister) await registry.demandCompatibility(subject);
  const rule = await registry.compatibilityOf(subject);
  // guard: the registry judges every new version of our subjects by our rule
  if (rule !== COMPATIBILITY)
    throw new RegistrySetupError(
      `schema ${subject} is under the rule ${rule ?? 'of a registry that does not tell it'}, it must be ${COMPATIBILITY} ` +
        `(a version that others cannot read would be accepted): run "orderflow schemas --register"`,
    );
  return id;
}

/** An answer at a start. @throws RegistrySetupError in place of a TransientError: the registry may come back */
export async function orRegistryAway<T>(answer: Promise<T>): Promise<T> {
  return answer.catch((error: unknown) => {
    if (!isTransient(error)) throw error;
    const remedy = 'start the registry, or set the variable to the URL of a running one';
    throw new RegistrySetupError(`SCHEMA_REGISTRY_URL: ${lineOf(error)}: ${remedy}`, true);
  });
}
