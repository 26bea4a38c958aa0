import type { FlowRates } from '@orderflow/console-api';

// A minute: long enough for a figure that can be read, short enough to show what has just stopped.
const SECONDS = 60;
const BARS = 12;

/** How many events of a type the broker appended within one second. */
export interface Tally {
  /** Since 1970. */
  readonly second: number;
  readonly type: string;
  readonly count: number;
}

/** From `from` on, before `until`: whole seconds since 1970. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/** The whole seconds before an instant over which rates are counted. */
export function spanBefore(instant: Date): Span {
  const until = Math.floor(instant.getTime() / 1000);
  return { from: until - SECONDS, until };
}

/** The rate of each type, also of those without an event in the span. */
export function ratesOf(
  types: readonly string[],
  tallies: readonly Tally[],
  { from, until }: Span,
): FlowRates['events'] {
  const within = tallies.filter(({ second }) => second >= from && second < until);
  const ofType = Map.groupBy(within, ({ type }) => type);
  return types.map((type) => {
    const bars = Array.from({ length: BARS }, () => 0);
    for (const { second, count } of ofType.get(type) ?? [])
      bars[Math.floor(((second - from) * BARS) / SECONDS)]! += count;
    return { type, count: bars.reduce((sum, bar) => sum + bar, 0), bars };
  });
}
