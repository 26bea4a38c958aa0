import { describe, expect, it } from '@jest/globals';
import type { Letter, LetterGroup } from '@orderflow/console-api';
import { parkedOrders, troubledOrders } from './troubles.js';

const groupOf = (...letters: Partial<Letter>[]): LetterGroup => ({ letters }) as unknown as LetterGroup;

const groups = [
  groupOf(
    { kind: 'event', waitsFor: 'person', orderId: 'a' },
    { kind: 'event', waitsFor: 'person', orderId: 'b' },
    // The same order at another service.
    { kind: 'event', waitsFor: 'person', orderId: 'a' },
  ),
  groupOf({ kind: 'event', waitsFor: 'time', orderId: 'c' }),
  groupOf({ kind: 'call', waitsFor: 'person', orderId: 'd' }),
  groupOf({ kind: 'call', waitsFor: 'time', orderId: 'e' }, { kind: 'range', waitsFor: 'person', orderId: null }),
];
const late = new Date();

describe('orders in trouble', () => {
  it('are those with a parked event, and those of which something waits for a person', () => {
    expect(parkedOrders({ groups })).toEqual({ parked: ['a', 'b', 'c'], dead: ['a', 'b', 'd'] });
  });

  it('are chosen by kind, all of them once', () => {
    const parked = parkedOrders({ groups });
    expect(troubledOrders('overdue', parked, late)).toEqual({ overdueSince: late });
    expect(troubledOrders('parked', parked, late)).toEqual({ orderIds: ['a', 'b', 'c'] });
    expect(troubledOrders('dead', parked, late)).toEqual({ orderIds: ['a', 'b', 'd'] });
    expect(troubledOrders('any', parked, late)).toEqual({ overdueSince: late, orderIds: ['a', 'b', 'c', 'd'] });
  });
});
