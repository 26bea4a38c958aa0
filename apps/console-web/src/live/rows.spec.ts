import { describe, expect, it } from '@jest/globals';
import type { OrderRow } from '@orderflow/console-api';
import { changed, fetched, noRows, type Rows, takenIn } from './rows.js';

const row = (orderId: string, second: number, told: readonly string[] = ['OrderPlaced']): OrderRow => ({
  orderId,
  status: 'placed',
  cancelReason: null,
  stock: 'pending',
  payment: 'pending',
  settled: false,
  waitsFor: 'inventory',
  customerId: 'ada',
  totalMinor: 900,
  currency: 'EUR',
  lineCount: 1,
  placedAt: `2026-11-24T12:00:0${second}.000Z`,
  updatedAt: `2026-11-24T12:00:0${second}.000Z`,
  settledAt: null,
  told: [...told],
  heard: { orders: 1, inventory: 0, payments: 0, notifications: 0 },
});
const all = (): boolean => true;
const idsOf = (rows: readonly OrderRow[]): string[] => rows.map(({ orderId }) => orderId);
const listOf = (...rows: OrderRow[]): Rows => fetched(noRows, rows);

describe('the rows of the list', () => {
  it('change in place when an order moves on', () => {
    const moved = row('a', 1, ['OrderPlaced', 'StockReserved']);
    const { shown, waiting } = changed(listOf(row('b', 2), row('a', 1)), [moved], all, false);
    expect(idsOf(shown)).toEqual(['b', 'a']);
    expect(shown[1]).toBe(moved);
    expect(waiting).toEqual([]);
  });

  it('do not go back when an older state of an order arrives late', () => {
    const now = row('a', 1, ['OrderPlaced', 'StockReserved']);
    expect(changed(listOf(now), [row('a', 1)], all, false).shown[0]).toBe(now);
    expect(fetched(listOf(now), [row('a', 1)]).shown[0]).toBe(now);
  });

  it('keep their places while new orders wait, the newest first', () => {
    const rows = changed(changed(listOf(row('a', 1)), [row('b', 2)], all, false), [row('c', 3)], all, false);
    expect(idsOf(rows.shown)).toEqual(['a']);
    expect(idsOf(rows.waiting)).toEqual(['c', 'b']);
    expect(idsOf(takenIn(rows).shown)).toEqual(['c', 'b', 'a']);
  });

  it('take new orders in at once where the reader follows', () => {
    expect(idsOf(changed(listOf(row('a', 1)), [row('b', 2)], all, true).shown)).toEqual(['b', 'a']);
  });

  it('have no order of another filter, and none twice', () => {
    const rows = changed(listOf(row('a', 1)), [row('b', 2)], () => false, false);
    expect(rows.waiting).toEqual([]);
    const waiting = changed(listOf(row('a', 1)), [row('b', 2)], all, false);
    expect(fetched(waiting, [row('b', 2), row('a', 1)])).toMatchObject({ waiting: [] });
    expect(idsOf(takenIn(fetched(waiting, [row('b', 2), row('a', 1)])).shown)).toEqual(['b', 'a']);
  });
});
