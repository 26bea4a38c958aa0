import { causesOf, KafkaSetupError, lineOf } from '../errors.js';
import type { Reach } from './settings.js';

// A broker that has just started, or is away for longer than kafkajs retries. kafkajs calls these not retriable.
const NAMES = new Set<unknown>(['KafkaJSGroupCoordinatorNotFound', 'KafkaJSNumberOfRetriesExceeded']);
// kafkajs throws a plain Error with this text while a connection is open and its first request is unanswered.
const NOT_CONNECTED = 'Broker not connected';

/**
 * Whether an error of kafkajs says that the brokers are away or not ready yet: no connection, a request that was not answered, a
 * partition without a leader, a coordinator that still loads.
 */
export const isAway = (error: unknown): boolean =>
  causesOf(error).some(
    ({ name, message, retriable }) => retriable === true || NAMES.has(name) || message === NOT_CONNECTED,
  );

/** The error of a start for brokers that are away; any other error as it is. */
export const asSetupError = (error: unknown, { brokers }: Pick<Reach, 'brokers'>): unknown =>
  isAway(error)
    ? new KafkaSetupError(
        `KAFKA_BROKERS ${brokers.join(',')} do not answer: ${lineOf(error)}: see to Kafka there`,
        true,
      )
    : error;
