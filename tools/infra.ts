/**
 * PostgreSQL, Kafka and the schema registry alone, for work on one service or on its tests:
 *   node_modules/.bin/node tools/infra.ts [folder]
 * Prints the variables that point at them, then stays up until it is ended. Without a folder all data is gone afterwards.
 */
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeInfrastructurePorts, removeInfrastructure, SetupError, startInfrastructure } from '@orderflow/embedded';

const given = process.argv[2];
const dir = given ?? mkdtempSync(join(tmpdir(), 'orderflow-infra-'));
// A temporary folder is closed to others, and as root PostgreSQL runs as another user.
if (given === undefined) chmodSync(dir, 0o755);

async function stayUp(): Promise<number> {
  const infrastructure = await startInfrastructure({
    dir,
    ports: await freeInfrastructurePorts(),
    onProgress: ({ part, state, elapsedMs }) => console.error(`# ${part} ${state} ${(elapsedMs / 1000).toFixed(1)} s`),
  });
  console.log(`export DATABASE_URL='${infrastructure.databaseUrl}'`);
  console.log(`export KAFKA_BROKERS='${infrastructure.kafkaBrokers}'`);
  console.log(`export SCHEMA_REGISTRY_URL='${infrastructure.schemaRegistryUrl}'`);
  const asked = new Promise<undefined>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve(undefined));
  });
  const died = await Promise.race([asked, infrastructure.died]);
  if (died !== undefined) console.error(died);
  await infrastructure.stop();
  return died === undefined ? 0 : 1;
}

try {
  process.exitCode = await stayUp();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
} finally {
  if (given === undefined) await removeInfrastructure(dir);
}
