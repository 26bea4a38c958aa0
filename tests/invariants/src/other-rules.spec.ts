import { describe, expect, it } from '@jest/globals';
import {
  type ExpiredFacts,
  expiredRules,
  type IdleQueueFacts,
  idleQueueRules,
  type JournalFacts,
  journalGapRules,
  journalRules,
  type NumberedFacts,
  type QueueFacts,
  queueRules,
  type RequestFacts,
  requestRules,
  type Rule,
  type StockFacts,
  type PriceFacts,
  priceRules,
  stockRules,
  type StreamFacts,
  streamRules,
  violationsOf,
} from './index.ts';

/** @param changes of the sound facts, each with the rule that it breaks, or with none */
function describeRules<Facts>(
  subjects: string,
  rules: readonly Rule<Facts>[],
  sound: Facts,
  changes: readonly (readonly [rule: string, changes: Partial<Facts>])[],
): void {
  describe(`rules about ${subjects}`, () => {
    it.each([['no rule', {}] as const, ...changes])('%s alone is broken by %j', (rule, changed) => {
      const broken = violationsOf(rules, [{ ...sound, ...changed }]).map(({ id }) => id);
      expect(broken).toEqual(rule === 'no rule' ? [] : [rule]);
    });
  });
}

const stock = { onHand: 7, reserved: 2, committed: 3, delivered: 10, openReservations: 2, committedReservations: 3 };

describeRules<StockFacts>('products', stockRules, { sku: 'tea', ...stock }, [
  ['stock-delivered', { delivered: 11 }],
  ['stock-reserved', { openReservations: 1 }],
  ['stock-reserved', { committedReservations: 4 }],
  ['stock-negative', { onHand: -1, delivered: 2, reserved: -2, openReservations: -2 }],
  ['stock-negative', { reserved: 8, openReservations: 8 }],
]);

const price = { priceMinor: 450, currency: 'EUR', sequence: 2 };

describeRules<PriceFacts>('prices', priceRules, { sku: 'tea', owned: price, listed: price }, [
  ['prices', { listed: { ...price, priceMinor: 100, sequence: 1 } }],
  ['prices', { listed: { ...price, priceMinor: 100 } }],
  ['prices', { owned: { ...price, sequence: 1 } }],
  ['prices', { listed: undefined }],
]);

const stream: StreamFacts = { source: 'orders', orderId: 'a', sequences: [1, 2], published: 2, missing: [] };

describeRules<StreamFacts>('event streams', streamRules, stream, [
  ['log-once', { sequences: [1, 2, 2], published: 3 }],
  ['log-complete', { sequences: [2, 1] }],
  ['log-complete', { sequences: [1, 3] }],
  ['log-complete', { sequences: [1] }],
  ['log-complete', { published: 1 }],
  ['log-recorded', { missing: ['an id'] }],
]);

const queues: QueueFacts = { service: 'orders', unsent: 0, rejected: 0, parked: 0, forgotten: 0 };

describeRules<QueueFacts>('queues', queueRules, queues, [
  ['no rule', { parked: 3 }],
  ['outboxes', { unsent: 1 }],
  ['outboxes', { rejected: 1 }],
  ['parked', { parked: 1, forgotten: 1 }],
]);

const idleQueues: IdleQueueFacts = { service: 'orders', parked: 0, externalCalls: 0, deadlines: 0 };

describeRules<IdleQueueFacts>('idle queues', idleQueueRules, idleQueues, [
  ['idle-parked', { parked: 1 }],
  ['idle-calls', { externalCalls: 1 }],
  ['idle-deadlines', { deadlines: 1 }],
]);

const logged = {
  appendedAt: new Date('2026-11-21T12:00:00Z'),
  value: 'hash',
  key: 'a',
  type: 'OrderPlaced',
  eventId: 'e',
};
const { key: subject, ...likewise } = logged;
const row = { ...likewise, subject, why: null };
const place = { topic: 'orders.events', partition: 1, offset: '7', isRead: true };

describeRules<JournalFacts>('the journal', journalRules, { ...place, record: logged, rows: [row] }, [
  ['no rule', { isRead: false, rows: [] }],
  ['no rule', { rows: [{ ...row, why: 'foreign', subject: '', type: '', eventId: null }] }],
  ['journal', { rows: [] }],
  ['journal', { rows: [row, row] }],
  ['journal', { rows: [{ ...row, value: null }] }],
  ['journal', { rows: [{ ...row, why: 'foreign', value: 'other' }] }],
]);

it('the rule about the journal is broken by a row without a record', () => {
  expect(violationsOf(journalRules, [{ ...place, rows: [row] }])).toMatchObject([
    { id: 'journal', subject: 'orders.events/1@7', expected: 'no row: the topic has no such record', found: '1 rows' },
  ]);
});

describeRules<NumberedFacts>(
  'the gaps of the journal',
  journalGapRules,
  { source: 'orders', subject: null, numbers: 3, events: 3 },
  [['journal-gaps', { subject: 'a', events: 2 }]],
);

describe('the rule about records that expired unread', () => {
  const facts: ExpiredFacts = {
    service: 'payments',
    consumer: 'payments',
    topic: 'orders.events',
    partition: 1,
    first: '4',
    next: '10',
    foundAt: new Date('2026-11-21T12:00:00Z'),
  };

  it('names service, partition and offsets, and counts the records', () => {
    const [rule] = expiredRules;
    expect(rule!.judge(facts)).toMatchObject({ expected: { records: 0 }, found: { records: 6 } });
    expect(violationsOf(expiredRules, [facts])).toMatchObject([
      {
        id: 'expired',
        subject: 'payments, orders.events/1',
        found: 'payments has not consumed 4 to 9 (6), as it found on 2026-11-21T12:00:00.000Z',
      },
    ]);
  });
});

const order = { orderId: 'a', status: 'confirmed', totalMinor: 500 };
const request: RequestFacts = { key: 'key', accepted: ['a'], totalMinor: 500, cancelled: false, order };

describe('rules about requests', () => {
  it.each<[rule: string, title: string, facts: RequestFacts]>([
    ['no rule', 'one order at the total promised', request],
    ['no rule', 'a kept cancellation', { ...request, cancelled: true, order: { ...order, status: 'cancelled' } }],
    ['request-answered', 'a request without an answer', { key: 'key', accepted: [], cancelled: false }],
    ['request-once', 'two orders for one key', { ...request, accepted: ['a', 'b'] }],
    ['request-kept', 'an accepted order that does not exist', { key: 'key', accepted: ['a'], cancelled: false }],
    ['request-known', 'an order that no customer placed', { accepted: [], cancelled: false, order }],
    ['request-total', 'another total', { ...request, order: { ...order, totalMinor: 501 } }],
    ['request-cancelled', 'an accepted cancellation of an order that is confirmed', { ...request, cancelled: true }],
  ])('%s alone is broken by %s', (rule, _title, facts) => {
    const broken = violationsOf(requestRules, [facts]).map(({ id }) => id);
    expect(broken).toEqual(rule === 'no rule' ? [] : [rule]);
  });
});
