import { describe, expect, it } from '@jest/globals';
import {
  actionInWords,
  choiceInWords,
  figuresInWords,
  lettersInWords,
  outcomeInWords,
  stateFact,
  subjectOf,
} from './letters.js';

const none = { dead: 0, waiting: 0, unread: 0, retrying: 0, behind: 0, needPerson: 0 };

describe('letters in words', () => {
  it('are counted by kind', () => {
    expect(lettersInWords([{ kind: 'event' }, { kind: 'event' }, { kind: 'call' }])).toBe('2 events and 1 call');
    expect(lettersInWords([{ kind: 'range' }])).toBe('1 range of records');
  });

  it('are named with their service, and with the group where that is another one', () => {
    const event = { kind: 'event', what: 'OrderPlaced', consumer: 'orders.views', service: 'orders' } as const;
    expect(subjectOf(event)).toBe('OrderPlaced at orders (orders.views)');
    expect(subjectOf({ ...event, consumer: 'orders', what: null })).toBe('a record without a type at orders');
    expect(subjectOf({ ...event, kind: 'range', what: null })).toBe('expired records at orders (orders.views)');
  });

  it('have figures without those that are 0', () => {
    expect(figuresInWords({ ...none, dead: 2, behind: 14 })).toEqual(['2 dead letters', '14 events wait behind them']);
    expect(figuresInWords(none)).toEqual([]);
  });

  it('that wait for a person say so also where they are only put off', () => {
    expect(stateFact({ state: 'waiting', waitsFor: 'person' })).toMatchObject({
      word: 'waits for a person',
      tone: 'no',
    });
    expect(stateFact({ state: 'waiting', waitsFor: 'time' })).toMatchObject({ word: 'put off', tone: 'open' });
  });
});

describe('an action in words', () => {
  it('is a sum that says what became of each', () => {
    const figures = { asked: 4, done: 2, gone: 1, refused: 1, unknown: 0, items: [] };
    expect(outcomeInWords(figures)).toBe('asked 4 = 2 done + 1 gone meanwhile + 1 refused');
    expect(outcomeInWords({ ...figures, asked: 5, unknown: 1 })).toContain('1 without an answer: not known');
  });

  it('names letter and settlement', () => {
    const action = {
      service: 'payments',
      kind: 'call',
      letterId: 'charge-1',
      at: '',
      operator: 'ada',
      reason: null,
      what: 'charge',
      orderId: null,
    } as const;
    expect(actionInWords({ ...action, action: 'void' })).toBe('settled as void charge payments/charge-1');
    expect(actionInWords({ ...action, action: 'retry' })).toBe('retried charge payments/charge-1');
    expect(choiceInWords('void')).toContain('never will be');
    expect(choiceInWords('of a later version')).toBe('of a later version');
  });
});
