/** The token by which a controller gets the clock of the process. */
export const Clock = Symbol('Clock');
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
}
