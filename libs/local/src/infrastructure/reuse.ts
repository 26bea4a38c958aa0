import pg from 'pg';
import { groupsAreServed } from './kafka-probe.js';
import { registryAnswers } from './registry.js';
import { reasonOf, SetupError } from '../process/setup-error.js';

/** Parts that run elsewhere; each replaces the built-in one. */
export interface Reuse {
  databaseUrl?: string | undefined;
  kafkaBrokers?: string | undefined;
  schemaRegistryUrl?: string | undefined;
}

const unreachable = (variable: string, what: string, where: string, error: unknown) =>
  new SetupError(
    `${variable}: no ${what} at ${where} (${reasonOf(error)}): start it, correct the variable, or unset it to use the built-in part.`,
  );

/** The server's URL without a database, once it answers. @throws SetupError without the password */
export async function reachPostgres(databaseUrl: string): Promise<string> {
  const url = URL.canParse(databaseUrl) ? new URL(databaseUrl) : undefined;
  if (url === undefined || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw new SetupError(
      'DATABASE_URL is not of the form postgres://user:password@host:port: correct it, or unset it.',
    );
  }
  if (url.pathname === '' || url.pathname === '/') url.pathname = '/postgres';
  const client = new pg.Client({ connectionString: url.href, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
  } catch (error) {
    throw unreachable('DATABASE_URL', 'PostgreSQL', url.host, error);
  } finally {
    await client.end();
  }
  url.pathname = '';
  return url.href;
}

/** The given brokers, once one of them serves consumer groups. @throws SetupError */
export async function reachKafka(kafkaBrokers: string): Promise<string> {
  try {
    await Promise.any(kafkaBrokers.split(',').map(async (broker) => groupsAreServed(broker.trim())));
  } catch (error) {
    throw unreachable('KAFKA_BROKERS', 'Kafka', kafkaBrokers, error);
  }
  return kafkaBrokers;
}

/** The registry's URL without a trailing slash, once it answers. @throws SetupError */
export async function reachRegistry(schemaRegistryUrl: string): Promise<string> {
  const url = schemaRegistryUrl.replace(/\/+$/, '');
  try {
    await registryAnswers(url);
  } catch (error) {
    throw unreachable('SCHEMA_REGISTRY_URL', 'schema registry', url, error);
  }
  return url;
}
