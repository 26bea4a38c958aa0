import { StartError } from '@orderflow/config';

/** Kafka is not there or not as it must be; the message is one line with the mend. */
export class KafkaSetupError extends StartError {}

/** The registry is not there or refuses a schema; the message is one line with the mend. */
export class RegistrySetupError extends StartError {}

/** The world is bad: the same may succeed later. */
export class TransientError extends Error {
  override readonly name = 'TransientError';
  readonly transient = true;
}

/** Whether an error says of itself that the same may succeed later. */
export const isTransient = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'transient' in error && error.transient === true;

/** The broker refuses a record for what is in it (its kafka error in `cause`): sending it again will not help. */
export class PublishRefused extends Error {
  override readonly name = 'PublishRefused';
  readonly transient = false;
  constructor(override readonly cause: Error) {
    super(`the broker refuses a record for what is in it: ${cause.message}`);
  }
}

/** The registry has no schema with this id. */
export class UnknownSchema extends Error {
  override readonly name = 'UnknownSchema';
  constructor(readonly schemaId: number) {
    super(`the schema registry knows no schema with id ${schemaId}`);
  }
}

/** Why a record cannot be an event of ours. */
export type BadReason =
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

/** The message is bad: no retry makes it better. */
export class BadRecord extends Error {
  override readonly name = 'BadRecord';
  readonly transient = false;
  /** @param detail for a person; quotes at most a little of the record */
  constructor(
    readonly reason: BadReason,
    readonly detail: string,
  ) {
    super(`${reason}: ${detail}`);
  }
}

/** The first line of what was thrown, without stack. */
export const lineOf = (error: unknown): string => {
  const { message, code, name } = (typeof error === 'object' ? (error ?? {}) : { message: error }) as Partial<Thrown>;
  const text = [message, code, name].find((said) => typeof said === 'string' && said !== '') ?? 'unknown error';
  const line = text.split('\n', 1)[0] ?? '';
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
};

type Thrown = Record<'message' | 'code' | 'name', string>;

/** An error and what caused it, outermost first; at most eight deep. */
export function causesOf(error: unknown): { name?: unknown; type?: unknown; message?: unknown }[] {
  const chain: { name?: unknown; type?: unknown; message?: unknown }[] = [];
  for (let at = error; typeof at === 'object' && at !== null && chain.length < 8;) {
    chain.push(at);
    at = 'cause' in at ? at.cause : undefined;
  }
  return chain;
}
