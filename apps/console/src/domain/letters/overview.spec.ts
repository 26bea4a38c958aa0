import { describe, expect, it } from '@jest/globals';
import type { Letter } from '@orderflow/console-api';
import type { Service } from '@orderflow/contracts';
import { overviewOf } from './overview.js';

const readAt = new Date('2026-11-24T14:02:16.000Z');

const aLetter = (over: Partial<Letter>): Letter => ({
  service: 'inventory',
  kind: 'event',
  id: '1',
  state: 'dead',
  waitsFor: 'person',
  what: 'OrderPlaced',
  consumer: 'inventory',
  orderId: 'an order',
  reason: 'unknown_schema: id 41',
  attempts: 10,
  since: '2026-11-24T14:00:00.000Z',
  deadAt: null,
  nextAttemptAt: null,
  behind: 0,
  place: null,
  choices: [],
  ...over,
});

const blocked = (over: Partial<Letter>): Letter => aLetter({ state: 'blocked', waitsFor: 'nothing', ...over });

const of = (letters: Letter[], service: Service = 'inventory') =>
  overviewOf([{ service, letters, more: false, refusal: null }], readAt);

describe('an overview of letters', () => {
  it('groups those that failed in the same way at the same service, the oldest first', () => {
    const { groups } = of([
      aLetter({ id: '2', orderId: 'b', since: '2026-11-24T14:01:00.000Z' }),
      aLetter({ id: '1', orderId: 'a' }),
      aLetter({ id: '3', orderId: 'c', reason: 'not_framed' }),
      aLetter({ id: '4', orderId: 'd', service: 'payments' }),
    ]);
    expect(groups.map((it) => [it.service, it.cause, it.letters.map(({ id }) => id)])).toEqual(
      expect.arrayContaining([
        ['inventory', 'unknown_schema: id 41', ['1', '2']],
        ['inventory', 'not_framed', ['3']],
        ['payments', 'unknown_schema: id 41', ['4']],
      ]),
    );
    expect(new Set(groups.map(({ key }) => key)).size).toBe(3);
  });

  it('gives a group the same key whenever it is read', () => {
    const [before] = of([aLetter({ id: '1', orderId: 'a' })]).groups;
    const [after] = of([aLetter({ id: '7', orderId: 'b', attempts: 3 })]).groups;
    expect(after!.key).toBe(before!.key);
  });

  it('shows those that wait for a person before older ones that are repeated by themselves', () => {
    const old = { since: '2026-11-24T10:00:00.000Z' };
    const { groups } = of([aLetter({ ...old, state: 'retrying', waitsFor: 'time' }), aLetter({ id: '2' })]);
    expect(groups.map(({ waitsFor }) => waitsFor)).toEqual(['person', 'time']);
  });

  it('counts events behind another one with it, in their own queue alone', () => {
    const { groups, figures } = of([
      aLetter({ id: '1', orderId: 'a' }),
      blocked({ id: '2', orderId: 'a' }),
      blocked({ id: '3', orderId: 'a' }),
      blocked({ id: '4', orderId: 'a', consumer: 'orders.views' }),
    ]);
    expect(groups).toMatchObject([{ behind: 2, letters: [{ id: '1', behind: 2 }] }]);
    expect(figures).toMatchObject({ dead: 1, behind: 3, needPerson: 1 });
  });

  it('counts no event behind a call of the same order', () => {
    const call = aLetter({ kind: 'call', id: 'charge-a', consumer: null, orderId: 'a' });
    expect(of([call, blocked({ orderId: 'a', consumer: null })]).groups).toMatchObject([{ behind: 0 }]);
  });

  it('names a service that did not answer, and is empty where nothing failed', () => {
    const read = { service: 'payments', letters: [], more: false, refusal: 'payments does not answer.' } as const;
    expect(overviewOf([read], readAt)).toEqual({
      readAt: '2026-11-24T14:02:16.000Z',
      figures: { dead: 0, waiting: 0, unread: 0, retrying: 0, behind: 0, needPerson: 0 },
      groups: [],
      services: [{ service: 'payments', refusal: 'payments does not answer.', more: false }],
    });
  });
});
