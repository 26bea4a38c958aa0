export { TransientError } from '@orderflow/kafka';

const sqlState = (error: unknown): string => {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : '';
};

// Serialization failure, deadlock, and two instances that inserted the same row: the loser reads the winner's row next time.
const conflicts = new Set(['40001', '40P01', '23505']);

/** Another transaction was in the way: the whole transaction must be run again. */
export const isConflict = (error: unknown): boolean => conflicts.has(sqlState(error));

/**
 * The database refuses the content of the batch (data exception, integrity constraint): a retry fails again.
 * SQLSTATE classes: https://www.postgresql.org/docs/18/errcodes-appendix.html
 */
export const isRefusedByDatabase = (error: unknown): boolean => /^2[23]/.test(sqlState(error));

/** A short text for a row or a log line. */
export const reasonOf = (error: unknown): string =>
  (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, 500);
