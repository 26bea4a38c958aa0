import { isNativeError } from 'node:util/types';

/** What a person has to mend before the system can start. The message is one line that says what is wrong and what to do. */
export class SetupError extends Error {
  override name = 'SetupError';
}

/**
 * The reason inside anything that was thrown, on one line. An `AggregateError` of a refused connection has it one level down.
 * Not by `instanceof`: in a test runner Node's own errors are of another realm's class.
 */
export function reasonOf(error: unknown): string {
  if (!isNativeError(error)) return String(error);
  if ('errors' in error && Array.isArray(error.errors) && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (isNativeError(error.cause)) return reasonOf(error.cause);
  return error.message.split('\n')[0] ?? '';
}

/** The system's name for what went wrong (`ENOENT`), where the error has one. */
export function codeOf(error: unknown): string | undefined {
  return isNativeError(error) && 'code' in error ? String(error.code) : undefined;
}
