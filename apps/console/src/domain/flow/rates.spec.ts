import { describe, expect, it } from '@jest/globals';
import { ratesOf, spanBefore } from './rates.js';

const span = spanBefore(new Date(1_000_060_999));

describe('the rates of a minute', () => {
  it('are of the whole seconds before an instant', () => {
    expect(span).toEqual({ from: 1_000_000, until: 1_000_060 });
  });

  it('count the events from its first second on and before its end', () => {
    const tallies = [999_999, 1_000_000, 1_000_059, 1_000_060].map((second) => ({ second, type: 'A', count: 7 }));
    const [rate] = ratesOf(['A'], tallies, span);
    expect(rate).toEqual({ type: 'A', count: 14, bars: [7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7] });
  });

  it('add up to the bars of five seconds each', () => {
    const tallies = [0, 4, 5, 9].map((second) => ({ second: 1_000_000 + second, type: 'A', count: 1 }));
    expect(ratesOf(['A'], tallies, span)[0]!.bars.slice(0, 3)).toEqual([2, 2, 0]);
  });

  it('are zero for a type that no event had', () => {
    expect(ratesOf(['B'], [{ second: 1_000_000, type: 'A', count: 1 }], span)).toEqual([
      { type: 'B', count: 0, bars: Array.from({ length: 12 }, () => 0) },
    ]);
  });
});
