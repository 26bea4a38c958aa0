import { StartError } from '@orderflow/config';

/**
 * A position of a command line: the oldest record, or a moment.
 * @param option its name, for the error
 * @throws StartError for anything else
 */
export function positionOf(text: string, option: string): 'earliest' | Date {
  if (text === 'earliest') return text;
  const since = new Date(text);
  // Without a zone the same text is another moment on another machine.
  if (!/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(text) || Number.isNaN(since.getTime()))
    throw new StartError(`${option} is "earliest" or a time with its zone, such as 2026-11-21T12:00:00Z`);
  return since;
}

/** Counts by type, a line each. */
export const countLines = (counts: ReadonlyMap<string, number>): string[] =>
  [...counts].map(([type, count]) => `  ${String(count).padStart(8)}  ${type}`);
