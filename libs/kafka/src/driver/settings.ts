import { Kafka, type LogEntry, logLevel, type RetryOptions, type SASLOptions } from 'kafkajs';
import { seedOf, socketTo } from './addresses.js';
import type { KafkaSecurity } from './security.js';

/** Log of the driver, for operators; `message` is one line. */
export type Log = (level: Level, message: string) => void;
type Level = 'error' | 'warn' | 'info' | 'debug';

/** How to reach the brokers. */
export interface Reach {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly log: Log;
  /** By default neither TLS nor a login. */
  readonly security?: KafkaSecurity;
}

/**
 * The group removes a member that sends no heartbeat for this long. The shortest that brokers allow by default: after a kill
 * of the service or of the broker, the new member waits until the group has removed the old one.
 */
export const SESSION_TIMEOUT_MS = 6_000;
/** How long a rebalance waits for a busy member to join again. */
export const REBALANCE_TIMEOUT_MS = 10_000;
/** A sixth of the session: a member outlives several heartbeats that are lost. */
export const HEARTBEAT_INTERVAL_MS = 1000;
/** What was handled within it may come again after a crash: the inbox drops it. */
export const COMMIT_INTERVAL_MS = 1000;
/** How long a broker may take to answer, apart from a send. */
export const REQUEST_TIMEOUT_MS = 10_000;
/**
 * How long a broker may take until all in-sync replicas have stored a record. While one of them has just died it takes up to
 * `broker.session.timeout.ms` (9 s by default, and a second until the leaders know): to send again meanwhile only doubles it.
 */
export const PUBLISH_TIMEOUT_MS = 12_000;
/** How long a program that starts waits until the brokers describe their topics. */
export const METADATA_MS = 10_000;
// Per partition and fetch: the next fetch waits for the slowest partition, and the service's batcher takes at most 500 records.
export const MAX_BYTES_PER_PARTITION = 64 * 1024;
// A fetch returns as soon as there is a byte, so a long wait costs no latency; short ones burn CPU when idle.
export const MAX_WAIT_MS = 500;

// The defaults back off up to 30 s: after a broker's restart a consumer came back 32–51 s late.
export const CONSUMER_RETRY: RetryOptions = { initialRetryTime: 200, maxRetryTime: 1000, retries: 20 };
// The relay publishes again by itself, with a new producer, so kafkajs must report a failure soon.
export const PRODUCER_RETRY: RetryOptions = { initialRetryTime: 200, maxRetryTime: 1000, retries: 2 };
/**
 * Of a send, apart from its connections. With several brokers a retry of kafkajs loses records and reports success: it asks
 * for the leaders anew, and sends nothing to a broker that has answered the first attempt, also when that broker has become
 * the leader of partitions whose records failed. See kafkajs/src/producer/sendMessages.js, brokersWithoutResponse.
 * https://github.com/tulios/kafkajs/issues/1303, https://github.com/tulios/kafkajs/pull/1798
 */
// guard: kafkajs repeats no send by itself
export const SEND_RETRY: RetryOptions = { retries: 0 };

/** A kafkajs client. One per consumer: the consumers of one client share their cache of committed offsets. */
export function clientOf(
  { brokers, clientId, log, security: { tls, sasl } = {} }: Reach,
  retry: RetryOptions,
  requestTimeout = REQUEST_TIMEOUT_MS,
): Kafka {
  return new Kafka({
    brokers: brokers.map(seedOf),
    clientId,
    socketFactory: socketTo,
    ...(tls && { ssl: tls }),
    ...(sasl && { sasl: sasl as SASLOptions }),
    connectionTimeout: 3000,
    requestTimeout,
    retry,
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => log(entry.label.toLowerCase() as Level, lineFor(entry)),
  });
}

/** One line of a kafkajs log entry, without stacks. */
export function lineFor({ namespace, log }: Pick<LogEntry, 'namespace' | 'log'>): string {
  const extras = ['error', 'groupId', 'topic', 'partition']
    .filter((name) => typeof log[name] === 'string' || typeof log[name] === 'number')
    .map((name) => `${name}=${String(log[name])}`);
  return [`kafkajs ${namespace}: ${log.message}`, ...extras].join(' ').replaceAll(/\s*\n\s*/g, ' ');
}
