/** Downloads the jars of Kafka and the schema registry, unless the environment names ones that run elsewhere. */
import { artifactFolder, SetupError } from '@orderflow/local';

try {
  if (!process.env['KAFKA_BROKERS']) await artifactFolder('kafka');
  if (!process.env['SCHEMA_REGISTRY_URL']) await artifactFolder('registry');
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
