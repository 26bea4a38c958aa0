import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { services } from '@orderflow/contracts';
import type { TestSystem } from './test-system.js';

/** The segment files of the topics of a system; the broker runs on this machine, and names its folder only relatively. */
function segmentsOf({ prefixes }: TestSystem): string[] {
  const folder = process.env['KAFKA_LOG_DIR'];
  if (folder === undefined) throw new Error('KAFKA_LOG_DIR is not set: scripts/test.ts and scripts/infra.ts set it');
  return globSync(`${prefixes.topics}*/*.log`, { cwd: folder }).map((file) => join(folder, file));
}

// Of tables, indexes and TOAST: deleted and replaced rows stay in them until they are vacuumed.
const IN_FILES = `
  SELECT relname AS name FROM pg_class
  WHERE pg_relation_filepath(oid) IS NOT NULL
    AND position(convert_to($1, 'UTF8') IN pg_read_binary_file(pg_relation_filepath(oid), 0, 1000000000, true)) > 0`;

/**
 * The places where a text is stored: segment files of topics, files of the services' databases, logs of the services. The
 * database of the sandbox is another company's.
 */
export async function placesOf(system: TestSystem, text: string): Promise<string[]> {
  const bytes = Buffer.from(text);
  const topics = segmentsOf(system).filter((file) => readFileSync(file).includes(bytes));
  const found = topics.map((file) => `topic ${file.split('/').at(-2)!.slice(system.prefixes.topics.length, -2)}`);
  for (const service of services) {
    await system.rowsOf(service, 'CHECKPOINT');
    const files = await system.rowsOf<{ name: string }>(service, IN_FILES, [text]);
    found.push(...files.map(({ name }) => `database ${service} ${name}`));
    if ((await system.logOf(service)).some((line) => line.includes(text))) found.push(`log ${service}`);
  }
  return [...new Set(found)].toSorted();
}
