/** Fetches the jars that are not there yet, as far as the environment does not name parts that run elsewhere. */
import { artifactFolder, SetupError } from '@orderflow/local';

try {
  if (!process.env['KAFKA_BROKERS']) await artifactFolder('kafka');
  if (!process.env['SCHEMA_REGISTRY_URL']) await artifactFolder('registry');
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
