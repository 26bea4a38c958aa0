import type { Day } from '@orderflow/console-api';
import { countOf, durationOf } from '../../words/format.js';

/** One sentence about the day that is under way, or the last one. */
export function dayWords({ state, orders, accepted, refused, startedAt, endedAt }: Day): string {
  const placed = `${accepted} of ${countOf(orders, 'order')} placed${refused === 0 ? '' : `, ${refused} refused`}.`;
  switch (state) {
    case 'under_way':
      return placed;
    case 'stopped':
      return `Stopped: ${placed}`;
    case 'over':
      return `Over after ${durationOf(Date.parse(endedAt ?? '') - Date.parse(startedAt ?? ''))}: ${placed}`;
    default:
      return `${countOf(orders, 'order')} in two minutes, as a real gift shop sells: hot products, big orders, and some that go wrong.`;
  }
}
