/** The world is bad: nothing is wrong with the request, and the same again may work. The HTTP edge makes a 503 of it. */
export class TransientError extends Error {
  override readonly name = 'TransientError';
  readonly transient = true;
}

const sqlState = (error: unknown): string => {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : '';
};

// Serialization failure, deadlock, and two members that inserted the same row: the loser reads the winner's row next time.
const conflicts = new Set(['40001', '40P01', '23505']);

/** Another transaction was in the way: the whole transaction is to be run again. */
export const isConflict = (error: unknown): boolean => conflicts.has(sqlState(error));

/**
 * The database refuses what is in the batch (data exception, broken constraint), so the same again will not work.
 * SQLSTATE classes: https://www.postgresql.org/docs/18/errcodes-appendix.html
 */
export const isRefusedByDatabase = (error: unknown): boolean => /^2[23]/.test(sqlState(error));

/** A short text for a row or a log line. */
export const reasonOf = (error: unknown): string =>
  (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, 500);

/**
 * How long to wait before the next attempt: doubled each time up to `maxMs`, with jitter of a half so that those who
 * failed together do not come back together.
 * @param attempts how many have failed, from 1
 * @returns milliseconds
 */
export const backoffMs = (attempts: number, baseMs: number, maxMs: number): number =>
  Math.min(maxMs, baseMs * 2 ** Math.min(attempts - 1, 30)) * (0.5 + Math.random() / 2);
