/** The orders of this system at one moment. */
export interface Reading {
  /** Seconds of a clock that never goes back. */
  readonly at: number;
  /** Orders that are neither confirmed nor cancelled. */
  readonly pending: number;
  /** Grows by one with each order that is placed, and by one with each that is confirmed or cancelled. */
  readonly changes: number;
}

export interface IntakeSettings {
  /** Seconds until a pending order is cancelled. */
  readonly deadlineSeconds: number;
  /** While fewer orders are pending, all are accepted: so few are decided in time, however slow the machine. */
  readonly freeOrders: number;
}

/** Whether orders are accepted, and why. */
export interface IntakeState {
  readonly isOpen: boolean;
  /** The time that an order placed now would wait for its decision; 0 where that is not known. */
  readonly waitSeconds: number;
  /** The last ones, the oldest first; none is older than a deadline. */
  readonly readings: readonly Reading[];
}

export const openIntake: IntakeState = { isOpen: true, waitSeconds: 0, readings: [] };

/** A wait above this share of the deadline closes the intake, one below the other opens it again. */
const CLOSES_ABOVE = 1 / 2;
const OPENS_BELOW = 1 / 4;
/** For how many readings in a row orders have to be pending before their rate says how fast this system is. */
const BUSY_READINGS = 5;

/** How often to take a reading (ms): twenty times in a deadline, and at least each second. */
export const readingEveryMs = (deadlineSeconds: number): number =>
  Math.min(1_000, Math.max(100, (deadlineSeconds * 1_000) / 20));

/**
 * The intake after a further reading. By Little's law an order waits for as long as the pending ones take to end. Their rate is
 * the higher one of now and of the last deadline: so a dependency that is away for a moment closes nothing, and neither does a
 * burst after a quiet time.
 */
export function afterReading(before: IntakeState, reading: Reading, settings: IntakeSettings): IntakeState {
  const { deadlineSeconds, freeOrders } = settings;
  const previous = before.readings.at(-1);
  // The database was away, or another one took over: nothing follows from what was there before.
  const isBroken = previous && (reading.at - previous.at > deadlineSeconds / 4 || reading.changes < previous.changes);
  const known = isBroken ? [] : before.readings.filter(({ at }) => reading.at - at <= deadlineSeconds);
  const readings = [...known, reading];
  const recent = readings.slice(-BUSY_READINGS - 1);
  const isBusy = recent.length > BUSY_READINGS && recent.every(({ pending }) => pending >= freeOrders);
  if (!isBusy && (before.isOpen || reading.pending < freeOrders)) return { isOpen: true, waitSeconds: 0, readings };
  const rate = Math.max(endedPerSecond(recent), endedPerSecond(readings));
  // A process that has just started has not seen enough: its consumer may still be joining its group.
  if (rate === 0 && reading.at - readings[0]!.at < deadlineSeconds / 3) return { ...before, readings };
  const waitSeconds = reading.pending / rate;
  // guard: orders: an intake opens at half the wait that closes it
  const isOpen = waitSeconds <= deadlineSeconds * (before.isOpen ? CLOSES_ABOVE : OPENS_BELOW);
  return { isOpen, waitSeconds, readings };
}

/** Seconds until the intake opens again, as far as the last readings tell: 1 to 60. */
export function secondsUntilOpen({ waitSeconds }: IntakeState, { deadlineSeconds }: IntakeSettings): number {
  return Math.min(60, Math.max(1, Math.ceil(waitSeconds - deadlineSeconds * OPENS_BELOW)));
}

/** Orders that were confirmed or cancelled per second, between the first and the last of these readings. */
function endedPerSecond(readings: readonly Reading[]): number {
  const [first, last] = [readings[0]!, readings.at(-1)!];
  if (last.at <= first.at) return 0;
  // Placed orders add to both, ended ones only to the changes.
  const ended = (last.changes - first.changes - (last.pending - first.pending)) / 2;
  return Math.max(0, ended) / (last.at - first.at);
}

/** Tells whether orders are accepted now. */
export abstract class Intake {
  abstract readonly isOpen: boolean;
  /** Counts an order that is refused. @returns seconds until the intake may be open again */
  abstract refuse(): number;
}
