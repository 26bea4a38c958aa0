import { describe, expect, it } from '@jest/globals';
import { breakNames } from '@orderflow/console-api';
import { breakOf, type Faults, healingOf, standingOf } from './breaks.js';

const harmless = { declineRate: 0, errorRate: 0, delayMs: 0, outage: false };
const none: Faults = { payments: harmless, mail: harmless, last: { payments: null, mail: null } };
const now = new Date('2026-11-30T12:00:10.000Z');
const span = { since: '2026-11-30T12:00:00.000Z', until: '2026-11-30T12:00:30.000Z' };

describe('a part of the outside world', () => {
  it('works while no fault was ever on', () => {
    const works = { part: 'mail', on: null, isBroken: false, since: null, until: null };
    expect(standingOf('mail', none, now)).toEqual(works);
  });

  it.each(breakNames)('is broken by %s, which is known by its fault, until it ends', (name) => {
    const { part, fault } = breakOf[name];
    const faults = { ...none, [part]: { ...harmless, ...fault }, last: { ...none.last, [part]: span } };
    expect(standingOf(part, faults, now)).toEqual({ part, on: name, isBroken: true, ...span });
    const over = { ...none, last: { ...none.last, [part]: span } };
    expect(standingOf(part, over, new Date(span.until))).toEqual({ part, on: null, isBroken: false, ...span });
  });

  it('may be broken by a fault that is none of the breaks, without an end', () => {
    const last = { since: span.since, until: null };
    const faults = { ...none, payments: { ...harmless, failRefunds: 3 }, last: { payments: last, mail: null } };
    expect(standingOf('payments', faults, now)).toEqual({ part: 'payments', on: null, isBroken: true, ...last });
  });
});

describe('the orders that were under way when a break ended', () => {
  const lastSettledAt = new Date('2026-11-30T12:00:36.200Z');

  it('have healed once none of them waits', () => {
    expect(healingOf({ held: 9, waiting: 2, lastSettledAt })).toEqual({ held: 9, waiting: 2, healedAt: null });
    const healed = { held: 9, waiting: 0, healedAt: lastSettledAt.toISOString() };
    expect(healingOf({ held: 9, waiting: 0, lastSettledAt })).toEqual(healed);
  });

  it('need no healing where there was none', () => {
    const nothing = { held: 0, waiting: 0, healedAt: null };
    expect(healingOf({ held: 0, waiting: 0, lastSettledAt: undefined })).toEqual(nothing);
  });
});
