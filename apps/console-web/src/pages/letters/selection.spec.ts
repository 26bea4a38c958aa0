import { describe, expect, it } from '@jest/globals';
import type { Letter } from '@orderflow/console-api';
import { commonChoices, deedsFor, namedBy, nameOf, progressOf, takenBy, toggled } from './selection.js';

const aLetter = (over: Partial<Letter> = {}): Letter => ({
  service: 'inventory',
  kind: 'event',
  id: '12',
  state: 'dead',
  waitsFor: 'person',
  what: 'OrderPlaced',
  consumer: 'inventory',
  orderId: 'o',
  reason: '',
  attempts: 10,
  since: '',
  deadAt: null,
  nextAttemptAt: null,
  behind: 0,
  place: null,
  choices: [],
  ...over,
});
const aCall = (over: Partial<Letter> = {}): Letter =>
  aLetter({ kind: 'call', service: 'payments', id: 'charge-1', choices: ['void'], ...over });

describe('a letter in a link', () => {
  it('is found by its name', () => {
    expect(namedBy(nameOf(aLetter()))).toEqual({ service: 'inventory', kind: 'event', id: '12' });
    expect(namedBy(nameOf(aCall({ id: 'a/b c' })))).toMatchObject({ id: 'a/b c' });
  });

  it.each([undefined, '', 'inventory/12', 'stock/event/12', 'orders/order/1', 'orders/event/'])(
    'is none in %j',
    (text) => {
      expect(namedBy(text)).toBeUndefined();
    },
  );
});

describe('what can be done', () => {
  it('depends on the kind and on the state', () => {
    expect(deedsFor([aLetter()])).toEqual(['retry', 'discard']);
    expect(deedsFor([aLetter({ state: 'blocked' })])).toEqual(['discard']);
    expect(deedsFor([aCall()])).toEqual(['retry', 'settle']);
    expect(deedsFor([aCall({ choices: [] })])).toEqual(['retry']);
    expect(deedsFor([aCall({ state: 'retrying' })])).toEqual([]);
    expect(deedsFor([aLetter({ kind: 'range', state: 'unread' })])).toEqual(['acknowledge']);
    expect(deedsFor([aLetter({ state: 'discarded' })])).toEqual([]);
  });

  it('takes of a mixed selection those that it is for', () => {
    const [event, call] = [aLetter(), aCall()];
    expect(takenBy('discard', [event, call])).toEqual([event]);
    expect(takenBy('retry', [event, call])).toEqual([event, call]);
  });

  it('settles many only as what all of them can be', () => {
    const refund = aCall({ choices: ['void', 'refunded-elsewhere'] });
    expect(commonChoices([refund, aCall()])).toEqual(['void']);
    expect(commonChoices([])).toEqual([]);
  });
});

describe('a selection', () => {
  it('takes in all of a group that is not whole in it, and else leaves it out', () => {
    const one = toggled(new Set(), ['a']);
    const all = toggled(one, ['a', 'b']);
    expect([...all]).toEqual(['a', 'b']);
    expect([...toggled(all, ['a'])]).toEqual(['b']);
  });
});

it('the progress of a retry adds up', () => {
  const [one, two, three] = ['1', '2', '3'].map((id) => aLetter({ id }));
  const now = [{ ...two!, state: 'retrying' as const }, three!, aLetter({ id: '9' })];
  expect(progressOf([one!, two!, three!], now)).toEqual({ handled: 1, underWay: 1, deadAgain: 1 });
});
