import { describe, expect, it } from '@jest/globals';
import {
  type CancelOrder,
  IdempotencyKeyReused,
  noOrder,
  type OrderCommand,
  orderDecider,
  type OrderDesk,
  type OrderEvent,
  type PlaceOrder,
  UnknownOrder,
} from './order.js';
import { CurrencyMismatch, type Price, type PriceListed, UnknownSku } from './price-list.js';

const orderId = '0190a6c2-7e4f-7000-8000-000000000001';
const tea: Price = { priceMinor: 450, currency: 'EUR', sequence: 1 };

const placeOrder = (change: Partial<PlaceOrder> = {}): PlaceOrder => ({
  type: 'PlaceOrder',
  orderId,
  customerId: 'c-1',
  email: 'ada@example.com',
  currency: 'EUR',
  lines: [{ sku: 'TEA', quantity: 2 }],
  paymentToken: 'tok_visa',
  ...change,
});

const listed = (sku: string, price: Price = tea): PriceListed => ({ type: 'PriceListed', sku, price });

const placed: OrderEvent = {
  type: 'OrderPlaced',
  orderId,
  data: {
    customerId: 'c-1',
    email: 'ada@example.com',
    currency: 'EUR',
    lines: [{ sku: 'TEA', quantity: 2, unitPriceMinor: 450 }],
    totalMinor: 900,
    paymentToken: 'tok_visa',
  },
};
const confirmed: OrderEvent = {
  type: 'OrderConfirmed',
  orderId,
  data: { email: 'ada@example.com', totalMinor: 900, currency: 'EUR' },
};
const cancelled = (reason: 'out_of_stock' | 'customer_request' | 'timed_out'): OrderEvent => ({
  type: 'OrderCancelled',
  orderId,
  data: { email: 'ada@example.com', reason },
});

const given = (...events: readonly (OrderEvent | PriceListed)[]) => {
  const desk = events.reduce<OrderDesk>((now, event) => orderDecider.evolve(now, event), {
    order: noOrder,
    prices: new Map(),
  });
  return { desk, when: (command: OrderCommand) => orderDecider.decide(command, desk) };
};

describe('placing an order', () => {
  it('takes the prices of the price list and adds them up', () => {
    expect(given(listed('TEA')).when(placeOrder())).toEqual([placed]);
  });

  it('refuses a SKU that is not on the price list, and says which line it is', () => {
    const lines = [
      { sku: 'TEA', quantity: 1 },
      { sku: 'NONE', quantity: 1 },
    ];
    const refused = () => given(listed('TEA')).when(placeOrder({ lines }));
    expect(refused).toThrow(UnknownSku);
    expect(refused).toThrow(expect.objectContaining({ index: 1, rule: 'unknown-sku' }));
  });

  it('refuses a line that is sold in another currency', () => {
    expect(() => given(listed('TEA')).when(placeOrder({ currency: 'USD' }))).toThrow(CurrencyMismatch);
  });

  it('refuses a total that cannot be counted exactly', () => {
    const dear = listed('TEA', { ...tea, priceMinor: 2 ** 31 - 1 });
    const lines = [{ sku: 'TEA', quantity: 2 ** 23 }];
    expect(() => given(dear).when(placeOrder({ lines }))).toThrow(expect.objectContaining({ rule: 'total-too-large' }));
  });

  it('stays quiet when the same request comes again, even when the price is another one by now', () => {
    const later = listed('TEA', { ...tea, priceMinor: 999, sequence: 2 });
    expect(given(listed('TEA'), placed, later).when(placeOrder())).toEqual([]);
    expect(given(placed, confirmed).when(placeOrder())).toEqual([]);
  });

  it.each([
    { email: 'bob@example.com' },
    { customerId: 'c-2' },
    { currency: 'USD' },
    { paymentToken: 'tok_declined' },
    { lines: [{ sku: 'TEA', quantity: 3 }] },
  ])('refuses another request under the same id: %o', (change) => {
    expect(() => given(listed('TEA'), placed).when(placeOrder(change))).toThrow(IdempotencyKeyReused);
  });
});

describe('confirming an order', () => {
  const confirm: OrderCommand = { type: 'ConfirmOrder', orderId };

  it('happens when it is placed', () => {
    expect(given(placed).when(confirm)).toEqual([confirmed]);
  });

  it('is refused for an order that was never placed', () => {
    expect(() => given().when(confirm)).toThrow(UnknownOrder);
  });

  it('stays quiet when it is over: payments undoes what comes too late', () => {
    expect(given(placed, confirmed).when(confirm)).toEqual([]);
    expect(given(placed, cancelled('timed_out')).when(confirm)).toEqual([]);
  });
});

describe('cancelling an order that cannot be carried out', () => {
  const cancel: CancelOrder = { type: 'CancelOrder', orderId, reason: 'out_of_stock' };

  it('happens when it is placed, with the reason', () => {
    expect(given(placed).when(cancel)).toEqual([cancelled('out_of_stock')]);
    expect(given(placed).when({ ...cancel, reason: 'timed_out' })).toEqual([cancelled('timed_out')]);
  });

  it('is refused for an order that was never placed', () => {
    expect(() => given().when(cancel)).toThrow(UnknownOrder);
  });

  it('stays quiet when it is over', () => {
    expect(given(placed, confirmed).when(cancel)).toEqual([]);
    expect(given(placed, cancelled('customer_request')).when(cancel)).toEqual([]);
  });
});

describe('a customer who cancels', () => {
  const request: OrderCommand = { type: 'RequestCancel', orderId };

  it('is heard while the order is placed', () => {
    expect(given(placed).when(request)).toEqual([cancelled('customer_request')]);
  });

  it.each([['confirmed', confirmed] as const, ['cancelled', cancelled('timed_out')] as const])(
    'is refused once it is %s',
    (status, event) => {
      expect(() => given(placed, event).when(request)).toThrow(`the order is ${status} already`);
    },
  );

  it('is told when there is no such order', () => {
    expect(() => given().when(request)).toThrow(UnknownOrder);
  });
});

describe('listing a price', () => {
  const list = (change: Partial<Price>): OrderCommand => ({
    type: 'ListPrice',
    sku: 'TEA',
    price: { ...tea, ...change },
  });

  it('happens for a new product and for a newer price', () => {
    expect(given().when(list({}))).toEqual([listed('TEA')]);
    expect(given(listed('TEA')).when(list({ sequence: 2 }))).toEqual([listed('TEA', { ...tea, sequence: 2 })]);
  });

  it('is refused below zero', () => {
    expect(() => given().when(list({ priceMinor: -1 }))).toThrow(expect.objectContaining({ rule: 'negative-price' }));
  });

  it('stays quiet for a price that is as old as the one we have', () => {
    expect(given(listed('TEA')).when(list({ priceMinor: 1 }))).toEqual([]);
  });
});

describe('the state of an order', () => {
  it('counts its events as its version', () => {
    expect(given(placed).desk.order).toMatchObject({ status: 'placed', version: 1, totalMinor: 900 });
    expect(given(placed, cancelled('timed_out')).desk.order).toMatchObject({ version: 2, reason: 'timed_out' });
  });

  it('cannot begin with anything but OrderPlaced', () => {
    expect(() => given(confirmed)).toThrow('comes before OrderPlaced');
  });
});
