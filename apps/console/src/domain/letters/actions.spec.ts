import { describe, expect, it } from '@jest/globals';
import type { LetterAddress, TriedLetter } from '@orderflow/console-api';
import { changedAmong, dryRunOf, latestFirst, outcomeOf, refusalOf } from './actions.js';

const at = (id: string, over: Partial<LetterAddress> = {}): LetterAddress => ({
  service: 'inventory',
  kind: 'event',
  id,
  state: 'dead',
  ...over,
});

const call = at('charge-1', { kind: 'call', service: 'payments' });
const range = at('3', { kind: 'range', state: 'unread' });

describe('an action', () => {
  it.each([
    [{ action: 'retry', ratePerSecond: 1 }, [at('1'), call]],
    [{ action: 'discard', reason: 'why' }, [at('1')]],
    [{ action: 'settle', as: 'void', reason: 'why' }, [call]],
    [{ action: 'acknowledge', reason: 'why' }, [range]],
  ] as const)('%j can be done to %j', (deed, letters) => {
    expect(refusalOf(deed, letters)).toBeUndefined();
  });

  it.each([
    [{ action: 'retry', ratePerSecond: 1 }, [at('1'), range], 'inventory/range/3 is none'],
    [{ action: 'discard', reason: 'why' }, [call], 'payments/call/charge-1 is none'],
    [{ action: 'settle', as: 'void', reason: 'why' }, [at('1')], 'inventory/event/1 is none'],
    [{ action: 'acknowledge', reason: 'why' }, [at('1')], 'inventory/event/1 is none'],
    [{ action: 'discard', reason: 'why' }, [at('1'), at('1')], 'stands in it twice'],
  ] as const)('%j is refused for %j', (deed, letters, words) => {
    expect(refusalOf(deed, letters)).toContain(words);
  });
});

describe('a selection', () => {
  it('has changed where a letter is gone or in another state, and not where others came', () => {
    const seen = [at('1'), at('2'), call];
    expect(changedAmong(seen, [...seen, at('9')])).toEqual([]);
    expect(changedAmong(seen, [at('1', { state: 'retrying' }), call])).toEqual([at('1'), at('2')]);
    // Ids are of one service.
    expect(changedAmong([at('1')], [at('1', { service: 'orders' })])).toEqual([at('1')]);
  });
});

describe('the figures', () => {
  it('of an outcome add up to what was asked', () => {
    const items = (['done', 'done', 'gone', 'refused', 'unknown'] as const).map((outcome, index) => ({
      letter: at(String(index)),
      outcome,
      detail: null,
    }));
    const { asked, done, gone, refused, unknown } = outcomeOf(items);
    expect([asked, done, gone, refused, unknown]).toEqual([5, 2, 1, 1, 1]);
  });

  it('of a dry run count what has none as untried, and the events behind apart', () => {
    const tried = { what: 'OrderPlaced', outcome: 'handled', reason: null, publishes: [], calls: [] } as const;
    const items: TriedLetter[] = [
      {
        ...tried,
        publishes: [],
        calls: [],
        letter: at('1'),
        behind: [{ ...tried, outcome: 'fails', publishes: [], calls: [] }],
      },
    ];
    expect(dryRunOf(2, items)).toMatchObject({
      asked: 2,
      handled: 1,
      known: 0,
      fails: 0,
      untried: 1,
      behind: { handled: 0, known: 0, fails: 1 },
    });
  });
});

it('actions are listed by their time, the latest first', () => {
  const action = (id: string, instant: string) => ({
    ...at(id),
    letterId: id,
    action: 'retry',
    at: instant,
    operator: 'ada',
    reason: null,
    what: null,
    orderId: null,
  });
  const two = [action('1', '2026-11-24T14:00:00.000Z'), action('2', '2026-11-24T15:00:00.000Z')];
  expect(latestFirst(two).map(({ letterId }) => letterId)).toEqual(['2', '1']);
});
