import { describe, expect, it } from '@jest/globals';
import { type Facts, isSound, judge, type OrderRecord, wordsOf } from './verdict.ts';

const UNITS = 100;

const order = (orderId: string, given: Partial<OrderRecord> = {}): OrderRecord => ({
  orderId,
  status: 'confirmed',
  settled: true,
  totalMinor: 500,
  decidedAt: 1,
  settledAt: 2,
  ...given,
});

/** One order of two units, confirmed, charged, mailed. */
const sound: Facts = {
  accepted: new Map([['a', [{ sku: 'tea', quantity: 2 }]]]),
  orders: [order('a')],
  charges: [{ orderId: 'a', keptMinor: 500 }],
  mails: [{ orderId: 'a', template: 'order-confirmed', copies: 1 }],
  stock: [{ sku: 'tea', onHand: 98, reserved: 0 }],
  units: UNITS,
};

const cancelled: Facts = {
  ...sound,
  orders: [order('a', { status: 'cancelled' })],
  charges: [{ orderId: 'a', keptMinor: 0 }],
  stock: [{ sku: 'tea', onHand: UNITS, reserved: 0 }],
};

describe('a run is sound', () => {
  it('when a confirmed order has taken its stock and its money, and was mailed', () => {
    expect(judge(sound)).toMatchObject({ accepted: 1, settled: 1 });
    expect(isSound(judge(sound))).toBe(true);
  });

  it('when a cancelled order has left stock and money as they were', () => {
    expect(isSound(judge(cancelled))).toBe(true);
  });

  it('when the order for which nothing is due was not charged', () => {
    expect(isSound(judge({ ...sound, orders: [order('a', { totalMinor: 0 })], charges: [] }))).toBe(true);
  });

  it('when one order was mailed twice, for two reasons', () => {
    const mails = [...cancelled.mails, { orderId: 'a', template: 'order-refunded', copies: 1 }];
    expect(isSound(judge({ ...cancelled, mails }))).toBe(true);
  });
});

describe('a run is not sound', () => {
  const faults: [name: string, facts: Facts, expected: object][] = [
    ['an accepted order is not recorded', { ...cancelled, orders: [] }, { lost: 1 }],
    ['an order is not settled', { ...sound, orders: [order('a', { settled: false })] }, { stuck: 1, settled: 0 }],
    ['an order was charged twice', { ...sound, charges: [...sound.charges, ...sound.charges] }, { doubled: 1 }],
    ['a mail arrived twice', { ...sound, mails: [{ ...sound.mails[0]!, copies: 2 }] }, { mailedTwice: 1 }],
    ['a mail was sent twice', { ...sound, mails: [...sound.mails, ...sound.mails] }, { mailedTwice: 1 }],
    ['a settled order was not mailed', { ...sound, mails: [] }, { unmailed: 1 }],
    ['a confirmed order was not charged', { ...sound, charges: [] }, { wrongMoney: 1 }],
    ['the money of a cancelled order was kept', { ...cancelled, charges: sound.charges }, { wrongMoney: 1 }],
    ['stock was taken twice', { ...sound, stock: [{ sku: 'tea', onHand: 96, reserved: 0 }] }, { wrongStock: 1 }],
    ['stock is still reserved', { ...sound, stock: [{ sku: 'tea', onHand: 98, reserved: 2 }] }, { wrongStock: 1 }],
  ];

  it.each(faults)('when %s', (_name, facts, expected) => {
    const verdict = judge(facts);
    expect(verdict).toMatchObject(expected);
    expect(isSound(verdict)).toBe(false);
  });

  it('and the line says why', () => {
    expect(wordsOf(judge({ ...sound, mails: [], orders: [order('a'), order('b')] }))).toBe(
      '1 in = 1 settled, 0 lost, 0 charged twice, 0 mailed twice, 0 stuck, 1 orders without a mail',
    );
  });
});

it('orders of an earlier run on the same system are not counted, but their stock is', () => {
  const both: Facts = {
    ...sound,
    accepted: new Map([...sound.accepted, ['b', [{ sku: 'tea', quantity: 1 }]]]),
    orders: [order('a', { settled: false }), order('b')],
    charges: [...sound.charges, { orderId: 'b', keptMinor: 500 }],
    mails: [...sound.mails, { orderId: 'b', template: 'order-confirmed', copies: 1 }],
    stock: [{ sku: 'tea', onHand: 97, reserved: 0 }],
  };
  expect(judge(both, new Set(['b']))).toMatchObject({ accepted: 1, settled: 1, stuck: 0, wrongStock: 0 });
});
