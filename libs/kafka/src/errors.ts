import { StartError } from '@orderflow/config';
import type { Omitted } from './broker.js';

/** Kafka cannot be reached or is not set up as required. The message is one line that names the remedy. */
export class KafkaSetupError extends StartError {}

/** The registry cannot be reached or refuses a schema. The message is one line that names the remedy. */
export class RegistrySetupError extends StartError {}

/** A dependency failed: nothing is wrong with the call, and the same one may succeed later. The HTTP edge answers 503. */
export class TransientError extends Error {
  override readonly name = 'TransientError';
  readonly transient = true;
}

/** Whether an error is marked as transient: the same call may succeed later. */
export const isTransient = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'transient' in error && error.transient === true;

/** The broker refuses a record for its content (its Kafka error in `cause`). Publishing it again does not help. */
export class PublishRefused extends Error {
  override readonly name = 'PublishRefused';
  constructor(override readonly cause: Error) {
    super(`the broker refuses the content of a record: ${cause.message}`);
  }
}

/** The registry has no schema with this id. */
export class UnknownSchema extends Error {
  override readonly name = 'UnknownSchema';
  constructor(readonly schemaId: number) {
    super(`the schema registry has no schema with id ${schemaId}`);
  }
}

/** Why a record is not a valid event. */
export type BadReason =
  | Omitted['why']
  // Nothing in it says that it was meant to be an event of this system.
  | 'foreign'
  | 'header_missing'
  | 'unknown_type'
  | 'wrong_topic'
  | 'not_framed'
  | 'unknown_schema'
  | 'schema_mismatch'
  | 'undecodable'
  | 'header_mismatch'
  | 'wrong_source'
  | 'invalid_id'
  | 'invalid_subject'
  | 'invalid_time'
  | 'invalid_sequence'
  | 'out_of_bounds';

/** The message is bad: no retry can succeed. */
export class BadRecord extends Error {
  override readonly name = 'BadRecord';
  /** @param detail for operators; quotes at most a few characters of the record */
  constructor(
    readonly reason: BadReason,
    readonly detail: string,
  ) {
    super(`${reason}: ${detail}`);
  }
}

/** The first line of an error, at most 300 characters, without its stack. */
export const lineOf = (error: unknown): string => {
  const { message, code, name } = (typeof error === 'object' ? (error ?? {}) : { message: error }) as Partial<Thrown>;
  const text = [message, code, name].find((part) => typeof part === 'string' && part !== '') ?? 'unknown error';
  const line = text.split('\n', 1)[0] ?? '';
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
};

type Thrown = Record<'message' | 'code' | 'name', string>;

type Cause = Partial<Record<'name' | 'type' | 'message' | 'retriable', unknown>>;

/** An error and its causes, outermost first; at most eight. */
export function causesOf(error: unknown): Cause[] {
  const chain: Cause[] = [];
  for (let at = error; typeof at === 'object' && at !== null && chain.length < 8;) {
    chain.push(at);
    at = 'cause' in at ? at.cause : undefined;
  }
  return chain;
}
