import { describe, expect, it } from '@jest/globals';
import type { AuditReport } from '@orderflow/console-api';
import { addsUp, besides, inOrder, leftOut, orderIn, verdictOf, verdictWords } from './proof.js';

const finding = (id: string, count: number) => ({ id, rule: id, expected: '', found: '', count, violations: [] });
const report = (...counts: number[]): AuditReport => ({
  version: 1,
  at: '2026-11-24T14:02:16.000Z',
  deadlineSeconds: 10,
  findings: counts.map((count, index) => finding(`rule-${index}`, count)),
  parkedCount: 0,
  deadCallCount: 0,
  deferredCount: 0,
});
const later = (hours: number) => new Date(Date.parse(report().at) + hours * 3_600_000).toISOString();

describe('the verdict of an audit', () => {
  it('is red with a broken rule, however old, and green only within a day', () => {
    expect(verdictOf(report(0, 0), later(23))).toBe('green');
    expect(verdictOf(report(0, 0), later(25))).toBe('old');
    expect(verdictOf(report(0, 3), later(25))).toBe('red');
  });

  it('is said with the number of rules', () => {
    expect(verdictWords(report(0, 0))).toBe('All 2 rules held.');
    expect(verdictWords(report(0, 7, 1))).toBe('2 of 3 rules were broken.');
    expect(verdictWords(report(9))).toBe('1 of 1 rule was broken.');
  });

  it('names what breaks no rule beside it', () => {
    expect(besides(report(0))).toEqual([]);
    expect(besides({ ...report(0), parkedCount: 2, deadCallCount: 1, deferredCount: 3 })).toEqual([
      '2 events parked',
      '1 call waiting for an operator',
      '3 mails put off by the other side',
    ]);
  });
});

describe('the rules of an audit', () => {
  it('are shown in its order, the broken ones first', () => {
    expect(inOrder(report(0, 1, 0, 2).findings).map(({ id }) => id)).toEqual(['rule-1', 'rule-3', 'rule-0', 'rule-2']);
  });

  it('lead to the order that a violation names', () => {
    const id = '0198f3a2-7e4f-7000-8000-000000000001';
    expect(orderIn(id)).toBe(id);
    expect(orderIn(`orders, ${id}`)).toBe(id);
    for (const other of ['tea', 'orders.events/3@17', 'payments', 'no-id-at-all', ''])
      expect(orderIn(other)).toBeUndefined();
  });
});

describe('the sums of a currency', () => {
  const settled = { orders: 3, captured: 900, refunded: 400, confirmed: 500, differing: 0 };
  const sums = { currency: 'EUR', settled, underWay: { orders: 0, kept: 0 } };

  it('add up where both sides are equal and no order differs', () => {
    expect(addsUp(sums)).toBe(true);
    expect(addsUp({ ...sums, settled: { ...settled, refunded: 300 } })).toBe(false);
    expect(addsUp({ ...sums, settled: { ...settled, differing: 2 } })).toBe(false);
  });

  it('say which orders they leave out', () => {
    const gaps = { orders: 0, events: 0, first: [] };
    expect(leftOut({ money: [], unknown: 0, gaps })).toBe('');
    expect(leftOut({ money: [], unknown: 1, gaps })).toBe(
      '1 order of before this version is in no sum: the amounts were not kept.',
    );
  });
});
