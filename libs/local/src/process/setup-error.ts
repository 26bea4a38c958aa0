import { isNativeError } from 'node:util/types';

/** The system cannot start until the operator fixes the problem. The message is one line that names problem and remedy. */
export class SetupError extends Error {
  override name = 'SetupError';
}

/**
 * The reason of any thrown value, on one line. An `AggregateError` of a refused connection holds it one level down. Does not use
 * `instanceof`: in a test runner Node's own errors belong to another realm.
 */
export function reasonOf(error: unknown): string {
  if (!isNativeError(error)) return String(error);
  if ('errors' in error && Array.isArray(error.errors) && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (isNativeError(error.cause)) return reasonOf(error.cause);
  return error.message.split('\n')[0] ?? '';
}

/** The system's error code (`ENOENT`), where the error has one. */
export function codeOf(error: unknown): string | undefined {
  return isNativeError(error) && 'code' in error ? String(error.code) : undefined;
}
