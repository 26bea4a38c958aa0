/**
 * Preloaded into a service by tests (NODE_OPTIONS=--import): the wall clock of this process is TEST_CLOCK_SHIFT_MS ahead, or
 * behind where that is negative. Timers and durations are unaffected, as on a machine whose clock is set wrongly.
 */
const shiftMs = Number(process.env['TEST_CLOCK_SHIFT_MS'] ?? 0);

const RealDate = Date;

class ShiftedDate extends RealDate {
  constructor(...given: [] | [value: number | string | Date]) {
    // With several numbers Date takes a calendar date: `given` holds them all at run time.
    super(...((given.length === 0 ? [ShiftedDate.now()] : given) as [number]));
  }

  static override now(): number {
    return RealDate.now() + shiftMs;
  }
}

if (shiftMs !== 0) globalThis.Date = ShiftedDate as DateConstructor;
