import { groupsAreServed, untilGroupsAreServed } from './kafka-probe.js';
import { connected } from './postgres.js';
import { isMissingDatabase, whyNot } from '@orderflow/postgres';
import { registryAnswers } from './registry.js';
import { reasonOf, SetupError } from '../process/setup-error.js';

/** Parts that run elsewhere; each replaces the built-in one. */
export interface Reuse {
  databaseUrl?: string | undefined;
  /** One of the product's own databases there, by default `orders`. */
  database?: string;
  kafkaBrokers?: string | undefined;
  schemaRegistryUrl?: string | undefined;
}

type Place = readonly [variable: string, part: string, address: string];

async function answered(answer: Promise<unknown>, [variable, part, address]: Place): Promise<void> {
  await answer.catch((error: unknown) => {
    if (error instanceof SetupError) throw error;
    throw new SetupError(
      `${variable}: no ${part} at ${address} (${reasonOf(error)}): start it, correct the variable, or unset it to use the built-in part.`,
    );
  });
}

/**
 * The server's URL without a database, once it answers.
 * @param database one of the product's own, asked where the URL names none: its role may have no other
 * @throws SetupError without the password
 */
export async function reachPostgres(databaseUrl: string, database = 'orders'): Promise<string> {
  const url = URL.canParse(databaseUrl) ? new URL(databaseUrl) : undefined;
  if (url === undefined || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw new SetupError(
      'DATABASE_URL is not of the form postgres://user:password@host:port: correct it, or unset it.',
    );
  }
  if (url.pathname === '' || url.pathname === '/') url.pathname = `/${database}`;
  await answered(answerOf(url.href), ['DATABASE_URL', 'PostgreSQL', url.host]);
  url.pathname = '';
  return url.href;
}

async function answerOf(databaseUrl: string): Promise<void> {
  try {
    await connected(databaseUrl, async (client) => client.query('SELECT 1'), 5_000);
  } catch (error) {
    // The migrations create it.
    if (isMissingDatabase(error)) return;
    const { line, isAway } = whyNot(error, databaseUrl);
    throw isAway ? error : new SetupError(line);
  }
}

/** The given brokers, once one of them serves consumer groups. @throws SetupError */
export async function reachKafka(kafkaBrokers: string): Promise<string> {
  const served = untilGroupsAreServed(async () =>
    Promise.any(kafkaBrokers.split(',').map(async (broker) => groupsAreServed(broker.trim()))),
  );
  await answered(served, ['KAFKA_BROKERS', 'Kafka', kafkaBrokers]);
  return kafkaBrokers;
}

/** The registry's URL without a trailing slash, once it answers. @throws SetupError */
export async function reachRegistry(schemaRegistryUrl: string): Promise<string> {
  const url = schemaRegistryUrl.replace(/\/+$/, '');
  await answered(registryAnswers(url), ['SCHEMA_REGISTRY_URL', 'schema registry', url]);
  return url;
}
