/**
 * Starts the system of a checkout until SIGTERM, and prints the URLs and process ids of its services as a line of JSON:
 *   node serve.ts <folder of the checkout> <settings as JSON>
 * It uses what the checkout itself has built, at whichever commit that is.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as Local from '@orderflow/local';
import type * as Client from '@orderflow/client';

/** The options of `startSystem` that every commit has. */
export type Served = Pick<Local.SystemOptions, 'infrastructure' | 'databasePrefix' | 'topicPrefix' | 'log'>;

const [checkout = '', settings = ''] = process.argv.slice(2);

function builtLibrary(name: string): string {
  const file = join(checkout, 'libs', name, 'dist', 'index.js');
  if (existsSync(file)) return pathToFileURL(file).href;
  console.error(`${file} is missing: --folder must name a checkout that is built.`);
  return process.exit(1);
}

const { newSecrets, startSystem } = (await import(builtLibrary('local'))) as typeof Local;
const { serviceNames } = (await import(builtLibrary('client'))) as typeof Client;

const stopped = new Promise((resolve) => process.once('SIGTERM', resolve));
const system = await startSystem({
  ...(JSON.parse(settings) as Served),
  secrets: await newSecrets(),
  ports: 'free',
  env: { all: { LOG_LEVEL: 'warn', OTEL_SDK_DISABLED: 'true' } },
  onExit: (_service, how) => {
    console.error(how);
    process.exit(1);
  },
});
const pids = Object.fromEntries(serviceNames.map((name) => [name, system.service(name).pid]));
console.log(JSON.stringify({ urls: system.urls, pids }));
await stopped;
await system.stop();
process.exit();
