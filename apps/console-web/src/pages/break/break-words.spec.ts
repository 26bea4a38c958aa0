import { describe, expect, it } from '@jest/globals';
import type { BrokenPart } from '@orderflow/console-api';
import { standingWords } from './break-words.js';

const since = '2026-11-24T14:01:00.000Z';
const until = '2026-11-24T14:01:30.000Z';
const works: BrokenPart = { part: 'mail', on: null, isBroken: false, since: null, until: null, healing: null };
const over = { ...works, since, until };
const now = Date.parse('2026-11-24T14:01:12.300Z');

describe('the words of a part of the outside world', () => {
  it.each([
    [works, 'Works', 'Nothing was broken yet.'],
    [{ ...over, isBroken: true, on: 'mail-away' }, 'Broken', 'Ends by itself in 18 s.'],
    [
      { ...over, until: null, isBroken: true },
      'Broken',
      'By hand, without an end: end it here, or where it was begun.',
    ],
    [
      { ...over, healing: { held: 0, waiting: 0, healedAt: null } },
      'Works',
      'It was broken for 30.0 s. No order was under way when it ended.',
    ],
    [
      { ...over, healing: { held: 9, waiting: 0, healedAt: '2026-11-24T14:01:36.200Z' } },
      'Healed',
      'It was broken for 30.0 s. 9 orders were under way when it ended; all of them were done 6.2 s later.',
    ],
  ] satisfies [BrokenPart, string, string][])('%j', (part, tag, text) => {
    expect(standingWords(part, now)).toMatchObject({ tag, text });
  });

  it('tell how many still wait', () => {
    const part = { ...over, healing: { held: 9, waiting: 1, healedAt: null } };
    expect(standingWords(part, Date.parse(until) + 4_000)).toMatchObject({
      tag: 'Healing',
      text: '9 orders were under way when it ended, 4.0 s ago: 1 of them still wait.',
    });
  });
});
