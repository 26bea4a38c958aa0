/** `orderflow schemas`: prints the schemas of all events, and registers them. */
import { parseArgs } from 'node:util';
import { type EventType, eventSchemas } from '@orderflow/contracts';
import { envelopeSchema, resolveSchemas, SchemaRegistry, subjectOf } from '@orderflow/kafka';
import { SetupError } from '@orderflow/local';

export const usage = `Usage: orderflow schemas [--register]

Prints the Avro schema of every event as this release writes it, a line each: the subject, a tab, the schema as JSON.

  --register           registers them at SCHEMA_REGISTRY_URL instead, demands of their subjects, and of no others, that each
                       new version is compatible with all released ones (FULL_TRANSITIVE), and prints subjects and ids
  SCHEMA_REGISTRY_URL  the base of its Confluent REST API`;

const types = Object.keys(eventSchemas).toSorted() as EventType[];
const REACH_MS = 30_000;

export async function main(args: readonly string[]): Promise<number> {
  const options = { register: { type: 'boolean', default: false } } as const;
  const { register } = parseArgs({ args: [...args], options }).values;
  const lines = register
    ? await registered()
    : types.map((type) => [type, JSON.stringify(envelopeSchema(type))] as const);
  for (const [type, text] of lines) console.log(`${subjectOf(type)}\t${text}`);
  return 0;
}

async function registered(): Promise<Iterable<readonly [EventType, number]>> {
  const url = process.env['SCHEMA_REGISTRY_URL'];
  if (!url) throw new SetupError('SCHEMA_REGISTRY_URL is missing: set it to the base of the Confluent REST API.');
  return resolveSchemas(new SchemaRegistry(url), types, true, { withinMs: REACH_MS });
}
