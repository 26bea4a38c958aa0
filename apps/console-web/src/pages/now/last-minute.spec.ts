import { describe, expect, it } from '@jest/globals';
import type { OrderRow } from '@orderflow/console-api';
import { lastMinuteOf } from './last-minute.js';

const until = Date.parse('2026-11-24T12:01:00.000Z');
const row = (secondsAgo: number, part: Partial<OrderRow> = {}): OrderRow =>
  ({
    placedAt: new Date(until - secondsAgo * 1000).toISOString(),
    settledAt: null,
    status: 'placed',
    settled: false,
    ...part,
  }) as OrderRow;
const settled = (secondsAgo: number, ms: number, status: OrderRow['status']): OrderRow =>
  row(secondsAgo, { status, settled: true, settledAt: new Date(until - secondsAgo * 1000 + ms).toISOString() });

describe('the last minute', () => {
  it('counts the orders that were placed in it, by their outcome', () => {
    const rows = [
      row(0),
      row(1.2),
      settled(30, 40, 'confirmed'),
      settled(31, 60, 'confirmed'),
      settled(59.9, 90, 'cancelled'),
    ];
    const { seconds, ...tally } = lastMinuteOf(rows, until);
    expect(tally).toEqual({ placed: 5, confirmed: 2, cancelled: 1, underWay: 2, medianMs: 60 });
    expect([seconds[59], seconds[58], seconds[29], seconds[28], seconds[0]]).toEqual([1, 1, 1, 1, 1]);
  });

  it('leaves out what came before it, what comes after it, and what was not read yet', () => {
    const rows = [row(60), row(-1), row(5, { placedAt: null })];
    expect(lastMinuteOf(rows, until)).toMatchObject({ placed: 0, medianMs: undefined });
  });
});
