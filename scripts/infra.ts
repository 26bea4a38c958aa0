/**
 * PostgreSQL, Kafka and the schema registry alone, for work on one service or on its tests:
 *   node_modules/.bin/node scripts/infra.ts [folder]
 * Prints the variables that point at them, then stays up until it is ended. Without a folder all data is gone afterwards.
 */
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  freeInfrastructurePorts,
  reasonOf,
  removeInfrastructure,
  SetupError,
  startInfrastructure,
  stopAll,
} from '@orderflow/local';

const given = process.argv[2];
const dir = given ?? mkdtempSync(join(tmpdir(), 'orderflow-infra-'));
// A temporary folder is closed to others, and as root PostgreSQL runs as another user.
if (given === undefined) chmodSync(dir, 0o755);

let asked = false;
let up = false;
const end = new Promise<undefined>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      asked = true;
      resolve(undefined);
      if (!up) void stopAll();
    });
  }
});

async function stayUp(): Promise<void> {
  const infrastructure = await startInfrastructure({
    dir,
    ports: await freeInfrastructurePorts(),
    onProgress: ({ part, state, elapsedMs }) => console.error(`# ${part} ${state} ${(elapsedMs / 1000).toFixed(1)} s`),
  });
  up = true;
  console.log(`export DATABASE_URL='${infrastructure.databaseUrl}'`);
  console.log(`export KAFKA_BROKERS='${infrastructure.kafkaBrokers}'`);
  console.log(`export SCHEMA_REGISTRY_URL='${infrastructure.schemaRegistryUrl}'`);
  const died = await Promise.race([end, infrastructure.died]);
  await infrastructure.stop();
  if (died !== undefined && !asked) throw new SetupError(died);
}

try {
  await stayUp();
} catch (error) {
  // What was ended by us has not failed.
  if (!asked) {
    console.error(reasonOf(error));
    process.exitCode = 1;
  }
} finally {
  await stopAll();
  if (given === undefined) await removeInfrastructure(dir);
}
