/**
 * Keeps PostgreSQL, Kafka and a schema registry up for work on one service, and prints the variables that name them:
 *   npm run infra [-- <folder>]
 * Without a folder the data is removed at the end.
 */
import { join } from 'node:path';
import { freeInfrastructurePorts, temporaryFolder, runAndClean, startInfrastructure } from '@orderflow/local';

await runAndClean(async () => {
  const dir = process.argv[2] ?? temporaryFolder('infra');
  const infrastructure = await startInfrastructure({
    dir,
    ports: await freeInfrastructurePorts(),
    onProgress: ({ part, state, elapsedMs }) => console.error(`# ${part} ${state} ${(elapsedMs / 1000).toFixed(1)} s`),
  });
  console.log(`export DATABASE_URL='${infrastructure.databaseUrl}'`);
  console.log(`export KAFKA_BROKERS='${infrastructure.kafkaBrokers}'`);
  console.log(`export SCHEMA_REGISTRY_URL='${infrastructure.schemaRegistryUrl}'`);
  console.log(`export KAFKA_LOG_DIR='${join(dir, 'kafka', 'logs')}'`);
  console.error(await infrastructure.died);
  return false;
});
