import { groupsAreServed } from './kafka-probe.js';
import { connected } from './postgres.js';
import { registryAnswers } from './registry.js';
import { reasonOf, SetupError } from '../process/setup-error.js';

/** Parts that run elsewhere; each replaces the built-in one. */
export interface Reuse {
  databaseUrl?: string | undefined;
  kafkaBrokers?: string | undefined;
  schemaRegistryUrl?: string | undefined;
}

type Place = readonly [variable: string, part: string, address: string];

async function answered(answer: Promise<unknown>, [variable, part, address]: Place): Promise<void> {
  await answer.catch((error: unknown) => {
    throw new SetupError(
      `${variable}: no ${part} at ${address} (${reasonOf(error)}): start it, correct the variable, or unset it to use the built-in part.`,
    );
  });
}

/** The server's URL without a database, once it answers. @throws SetupError without the password */
export async function reachPostgres(databaseUrl: string): Promise<string> {
  const url = URL.canParse(databaseUrl) ? new URL(databaseUrl) : undefined;
  if (url === undefined || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw new SetupError(
      'DATABASE_URL is not of the form postgres://user:password@host:port: correct it, or unset it.',
    );
  }
  if (url.pathname === '' || url.pathname === '/') url.pathname = '/postgres';
  await answered(
    connected(url.href, async (client) => client.query('SELECT 1'), 5_000),
    ['DATABASE_URL', 'PostgreSQL', url.host],
  );
  url.pathname = '';
  return url.href;
}

/** The given brokers, once one of them serves consumer groups. @throws SetupError */
export async function reachKafka(kafkaBrokers: string): Promise<string> {
  const served = Promise.any(kafkaBrokers.split(',').map(async (broker) => groupsAreServed(broker.trim())));
  await answered(served, ['KAFKA_BROKERS', 'Kafka', kafkaBrokers]);
  return kafkaBrokers;
}

/** The registry's URL without a trailing slash, once it answers. @throws SetupError */
export async function reachRegistry(schemaRegistryUrl: string): Promise<string> {
  const url = schemaRegistryUrl.replace(/\/+$/, '');
  await answered(registryAnswers(url), ['SCHEMA_REGISTRY_URL', 'schema registry', url]);
  return url;
}
