import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { services } from '@orderflow/contracts';
import { runGuarded } from '@orderflow/local';
import { repository } from './run-ops.js';
import type { TestSystem } from './test-system.js';

// A program of its own: here kafkajs is behind one port, which does not describe the broker.
const LOG_DIRS = `
  import { Kafka } from 'kafkajs';
  const admin = new Kafka({ clientId: 'log-dirs', brokers: process.argv[1].split(','), logLevel: 0 }).admin();
  await admin.connect();
  const { controller } = await admin.describeCluster();
  // 4: a broker, in the numbers of Kafka's protocol.
  const broker = { type: 4, name: String(controller), configNames: ['log.dirs'] };
  const { resources } = await admin.describeConfigs({ resources: [broker], includeSynonyms: false });
  await admin.disconnect();
  console.log('log.dirs=' + resources[0].configEntries[0].configValue);`;

/** The segment files of the topics of a system; the broker runs on this machine. */
async function segmentsOf({ infrastructure, prefixes }: TestSystem): Promise<string[]> {
  const program = ['--input-type=module', '-e', LOG_DIRS, infrastructure.kafkaBrokers];
  const [, folder] = /log\.dirs=(.+)/.exec(await runGuarded(process.execPath, program, { cwd: repository })) ?? [];
  if (folder === undefined) throw new Error('the broker does not tell its folder');
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
  const topics = (await segmentsOf(system)).filter((file) => readFileSync(file).includes(bytes));
  const found = topics.map((file) => `topic ${file.split('/').at(-2)!.slice(system.prefixes.topics.length, -2)}`);
  for (const service of services) {
    await system.rowsOf(service, 'CHECKPOINT');
    const files = await system.rowsOf<{ name: string }>(service, IN_FILES, [text]);
    found.push(...files.map(({ name }) => `database ${service} ${name}`));
    if ((await system.logOf(service)).some((line) => line.includes(text))) found.push(`log ${service}`);
  }
  return [...new Set(found)].toSorted();
}
