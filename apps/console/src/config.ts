import { corsEnv, edgeEnv, flag, integer, kafkaEnv, parseConfig, seconds, serviceEnv, url } from '@orderflow/config';
import type { Service } from '@orderflow/contracts';
import { z } from 'zod';

const {
  HOST,
  PORT,
  DATABASE_URL,
  KAFKA_BROKERS,
  SCHEMA_REGISTRY_URL,
  TOPIC_PREFIX,
  TOPIC_PARTITIONS,
  TOPIC_REPLICAS,
  STOP_TIMEOUT_SECONDS,
} = serviceEnv(3000);

// The audit compares the journal with the topics, which keep a record for up to eight days.
const LEAST_JOURNAL_DAYS = 9;

export const schema = z.object({
  HOST,
  PORT,
  ...edgeEnv,
  ...corsEnv,
  DATABASE_URL,
  KAFKA_BROKERS,
  ...kafkaEnv,
  SCHEMA_REGISTRY_URL,
  TOPIC_PREFIX,
  TOPIC_PARTITIONS,
  TOPIC_REPLICAS,
  STOP_TIMEOUT_SECONDS,
  ORDERS_URL: url('http://127.0.0.1:3001'),
  INVENTORY_URL: url('http://127.0.0.1:3002'),
  PAYMENTS_URL: url('http://127.0.0.1:3003'),
  NOTIFICATIONS_URL: url('http://127.0.0.1:3004'),
  /** Settled orders without an event in that many days are deleted from the journal. Without it none is. */
  CONSOLE_JOURNAL_DAYS: integer(undefined, { min: LEAST_JOURNAL_DAYS, max: 36_500 }).optional(),
  /** Of an operator: for what the console reads for all pages together. Commands go on with the token of their caller. */
  CONSOLE_TOKEN: z.string().optional(),
  /** Whether the first page offers examples, which change prices and stock. Never where customers order. */
  EXAMPLES: flag(false),
  /** Whether the page Break may switch on the faults of the sandbox. Never where customers order. */
  BREAKS: flag(false),
  SANDBOX_URL: url('http://127.0.0.1:3005'),
  /** That of orders. Without it the console does not know when an order is late. */
  ORDER_DEADLINE_SECONDS: seconds().optional(),
  /** Of Jaeger, as a browser reaches it; without it the pages have no links to traces. */
  TRACES_URL: url().optional(),
});

export type Config = z.output<typeof schema>;

/** Base URL of each service, without a trailing slash. */
export const urlsOf = ({
  ORDERS_URL,
  INVENTORY_URL,
  PAYMENTS_URL,
  NOTIFICATIONS_URL,
}: Config): Readonly<Record<Service, string>> => ({
  orders: ORDERS_URL,
  inventory: INVENTORY_URL,
  payments: PAYMENTS_URL,
  notifications: NOTIFICATIONS_URL,
});

/** @throws StartError for an invalid environment */
export const readConfig = (): Config => parseConfig(schema);
