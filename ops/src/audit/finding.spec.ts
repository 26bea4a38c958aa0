import { describe, expect, it } from '@jest/globals';
import type { Rule } from '@orderflow/invariants';
import { MOST_NAMED, Tally } from './finding.ts';

interface Shelf {
  name: string;
  boxes: number;
}

const rule: Rule<Shelf> = {
  id: 'full',
  rule: 'every shelf has two boxes',
  subjectOf: ({ name }) => name,
  judge: ({ boxes }) => ({
    expected: { shelves: 1 },
    found: boxes === 2 ? { full: 1 } : { others: 1, boxes },
    ...(boxes !== 2 && { broken: { expected: '2 boxes', found: `${boxes}` } }),
  }),
};

const findingOf = (shelves: readonly Shelf[], of = rule) => {
  const tally = new Tally(of);
  for (const shelf of shelves) tally.add(shelf);
  return tally.finding();
};

describe('a finding', () => {
  it('has the figures of both sides', () => {
    expect(findingOf([2, 2, 1].map((boxes, index) => ({ name: `shelf-${index}`, boxes })))).toEqual({
      id: 'full',
      rule: 'every shelf has two boxes',
      expected: '3 shelves',
      found: '2 full, 1 others, 1 boxes',
      count: 1,
      violations: [{ subject: 'shelf-2', expected: '2 boxes', found: '1' }],
      problems: ['shelf-2: 1; expected: 2 boxes'],
    });
  });

  it('writes money in major units, with the digits of its currency', () => {
    const judge = () => ({ expected: { 'EUR due': 1230 }, found: { 'JPY kept': 500 } });
    expect(findingOf([{ name: 'a', boxes: 2 }], { ...rule, isMoney: true, judge })).toMatchObject({
      expected: '12.30 EUR due',
      found: '500 JPY kept',
    });
  });

  it('names the first violations and counts all', () => {
    const shelves = Array.from({ length: MOST_NAMED + 5 }, (_, index) => ({ name: `${index}`, boxes: 0 }));
    const { count, violations, problems } = findingOf(shelves);
    expect([count, violations.length, problems.length]).toEqual([MOST_NAMED + 5, MOST_NAMED, MOST_NAMED]);
  });
});
