/** The token by which a controller gets the clock of the process. */
export const Clock = Symbol('Clock');
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds since a fixed moment: measures durations, also while the time of day is set. */
  elapsed(): number;
}
