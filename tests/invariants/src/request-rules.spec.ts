import { describe, expect, it } from '@jest/globals';
import { type RequestFacts, requestRules } from './request-rules.ts';
import { violationsOf } from './rule.ts';

const order = { orderId: 'a', status: 'confirmed', totalMinor: 500 };
const kept: RequestFacts = { key: 'key', accepted: ['a'], totalMinor: 500, cancelled: false, order };

const brokenBy = (facts: RequestFacts) => violationsOf(requestRules, [facts]).map(({ id }) => id);

describe('each rule about requests', () => {
  it('holds for a request with one order, at the total promised', () => {
    expect(brokenBy(kept)).toEqual([]);
  });

  it('holds for an accepted cancellation of an order that is cancelled', () => {
    expect(brokenBy({ ...kept, cancelled: true, order: { ...order, status: 'cancelled' } })).toEqual([]);
  });

  it.each<[string, string, RequestFacts]>([
    ['request-answered', 'a request without an answer', { key: 'key', accepted: [], cancelled: false }],
    ['request-once', 'two orders for one key', { ...kept, accepted: ['a', 'b'] }],
    ['request-kept', 'an accepted order that does not exist', { key: 'key', accepted: ['a'], cancelled: false }],
    ['request-known', 'an order that no customer placed', { accepted: [], cancelled: false, order }],
    ['request-total', 'another total', { ...kept, order: { ...order, totalMinor: 501 } }],
    ['request-cancelled', 'an accepted cancellation of an order that is confirmed', { ...kept, cancelled: true }],
  ])('%s alone is broken by %s', (rule, _title, facts) => {
    expect(brokenBy(facts)).toEqual([rule]);
  });
});
