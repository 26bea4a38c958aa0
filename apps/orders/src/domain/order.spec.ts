import { describe, expect, it } from '@jest/globals';
import { bounds } from '@orderflow/contracts';
import { given } from '@orderflow/testing';
import { decide } from './decide.js';
import { evolve } from './evolve.js';
import {
  type CancelOrder,
  noOrder,
  type OrderCommand,
  type OrderContext,
  type OrderEvent,
  type PlaceOrder,
} from './order.js';
import type { Price, PriceListed } from './price-list.js';

const orderId = '0190a6c2-7e4f-7000-8000-000000000001';
const tea: Price = { priceMinor: 450, currency: 'EUR', sequence: 1 };

const placeOrder = (change: Partial<PlaceOrder> = {}): PlaceOrder => ({
  type: 'PlaceOrder',
  orderId,
  customerId: 'c-1',
  email: 'ada@example.com',
  currency: 'EUR',
  lines: [{ sku: 'TEA', quantity: 2 }],
  paymentToken: 'encrypted',
  paymentTokenDigest: 'digest of tok_visa',
  mostTotalMinor: 1_000_000,
  ...change,
});

const listed = (sku: string, price: Price = tea): PriceListed => ({ type: 'PriceListed', sku, price });

const placed: Extract<OrderEvent, { type: 'OrderPlaced' }> = {
  type: 'OrderPlaced',
  orderId,
  data: {
    customerId: 'c-1',
    email: 'ada@example.com',
    currency: 'EUR',
    lines: [{ sku: 'TEA', quantity: 2, unitPriceMinor: 450 }],
    totalMinor: 900,
    paymentToken: 'encrypted',
    paymentTokenDigest: 'digest of tok_visa',
    expectedTotalMinor: null,
  },
};
const placedAs = (expectedTotalMinor: number): OrderEvent => ({
  ...placed,
  data: { ...placed.data, expectedTotalMinor },
});
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

const nothing: OrderContext = { order: noOrder, prices: new Map() };
const past = given({ decide, evolve }, nothing);
const contextAfter = (...events: readonly (OrderEvent | PriceListed)[]): OrderContext => events.reduce(evolve, nothing);

describe('placing an order', () => {
  it('applies the price list and adds up the total', () => {
    past(listed('TEA')).when(placeOrder()).then(placed);
  });

  it('refuses a SKU that is not on the price list, and names the line', () => {
    const lines = [
      { sku: 'TEA', quantity: 1 },
      { sku: 'NONE', quantity: 1 },
    ];
    const refused = () => decide(placeOrder({ lines }), contextAfter(listed('TEA')));
    expect(refused).toThrow(expect.objectContaining({ index: 1, rule: 'unknown-sku' }));
  });

  it('refuses a line that is sold in another currency', () => {
    past(listed('TEA'))
      .when(placeOrder({ currency: 'USD' }))
      .thenRefused('currency-mismatch');
  });

  it('prices each line of a SKU that stands there twice, in the order of the request', () => {
    const lines = [
      { sku: 'TEA', quantity: 2 },
      { sku: 'CUP', quantity: 1 },
      { sku: 'TEA', quantity: 3 },
    ];
    const priced = lines.map((line) => ({ ...line, unitPriceMinor: line.sku === 'TEA' ? 450 : 700 }));
    past(listed('TEA'), listed('CUP', { ...tea, priceMinor: 700 }))
      .when(placeOrder({ lines }))
      .then({ ...placed, data: { ...placed.data, lines: priced, totalMinor: 2950 } });
  });

  it('takes the price of the SKU in upper or lower case', () => {
    const lines = [
      { sku: 'm', quantity: 1 },
      { sku: 'M', quantity: 1 },
    ];
    const both = [listed('M', { ...tea, priceMinor: 1 }), listed('m', { ...tea, priceMinor: 20 })];
    const priced = [
      { ...lines[0]!, unitPriceMinor: 20 },
      { ...lines[1]!, unitPriceMinor: 1 },
    ];
    past(...both)
      .when(placeOrder({ lines }))
      .then({ ...placed, data: { ...placed.data, lines: priced, totalMinor: 21 } });
  });

  it('accepts an order that costs nothing', () => {
    const lines = [{ sku: 'GIFT', quantity: 2 }];
    past(listed('GIFT', { ...tea, priceMinor: 0 }))
      .when(placeOrder({ lines }))
      .then({ ...placed, data: { ...placed.data, lines: [{ ...lines[0]!, unitPriceMinor: 0 }], totalMinor: 0 } });
  });

  it('accepts a total of what can be charged, and refuses one above it with both figures', () => {
    past(listed('TEA'))
      .when(placeOrder({ mostTotalMinor: 900 }))
      .then(placed);
    const refused = () => decide(placeOrder({ mostTotalMinor: 899 }), contextAfter(listed('TEA')));
    expect(refused).toThrow(expect.objectContaining({ rule: 'total-too-large', totalMinor: 900, mostTotalMinor: 899 }));
  });

  it('refuses a total that cannot be counted exactly', () => {
    const dear = listed('TEA', { ...tea, priceMinor: bounds.priceMinor });
    const lines = Array.from({ length: bounds.lines }, () => ({ sku: 'TEA', quantity: bounds.quantity }));
    past(dear)
      .when(placeOrder({ lines, mostTotalMinor: Number.MAX_SAFE_INTEGER }))
      .thenRefused('total-too-large');
  });

  it('accepts the total that the customer saw', () => {
    past(listed('TEA'))
      .when(placeOrder({ expectedTotalMinor: 900 }))
      .then(placedAs(900));
  });

  // proves: orders: no customer pays another total than the one that the request names
  it('refuses another total than the one that the customer saw, with both figures', () => {
    for (const expectedTotalMinor of [0, 899, 901]) {
      const refused = () => decide(placeOrder({ expectedTotalMinor }), contextAfter(listed('TEA')));
      const both = { expectedTotalMinor, totalMinor: 900 };
      expect(refused).toThrow(expect.objectContaining({ rule: 'total-differs', ...both }));
    }
  });

  it('changes nothing when the same request arrives again, even after a price change', () => {
    const later = listed('TEA', { ...tea, priceMinor: 999, sequence: 2 });
    past(listed('TEA'), placed, later).when(placeOrder()).thenNothing();
    past(placed, confirmed).when(placeOrder()).thenNothing();
    past(placed)
      .when(placeOrder({ paymentToken: 'encrypted once more' }))
      .thenNothing();
    past(listed('TEA'), placedAs(900), later)
      .when(placeOrder({ expectedTotalMinor: 900 }))
      .thenNothing();
  });

  it.each(['', undefined])('compares the rest where the event has no digest of the token: %p', (paymentTokenDigest) => {
    const older: OrderEvent = { ...placed, data: { ...placed.data, paymentTokenDigest } as typeof placed.data };
    past(older).when(placeOrder()).thenNothing();
    past(older)
      .when(placeOrder({ email: 'bob@example.com' }))
      .thenRefused('idempotency-key-reused');
  });

  it.each([
    { email: 'bob@example.com' },
    { customerId: 'c-2' },
    { currency: 'USD' },
    { paymentTokenDigest: 'digest of tok_declined' },
    { lines: [{ sku: 'TEA', quantity: 3 }] },
    { lines: [...placeOrder().lines, ...placeOrder().lines] },
    { expectedTotalMinor: 900 },
  ])('refuses another request with the same id: %o', (change) => {
    past(listed('TEA'), placed).when(placeOrder(change)).thenRefused('idempotency-key-reused');
  });
});

const confirm: OrderCommand = { type: 'ConfirmOrder', orderId };
const cancel: CancelOrder = { type: 'CancelOrder', orderId, reason: 'out_of_stock' };
const request: OrderCommand = { type: 'RequestCancel', orderId };

describe.each<[string, OrderCommand, OrderEvent]>([
  ['confirming an order', confirm, confirmed],
  ['cancelling an order that is out of stock', cancel, cancelled('out_of_stock')],
  ['cancelling an order at its deadline', { ...cancel, reason: 'timed_out' }, cancelled('timed_out')],
  ['cancelling by the customer', request, cancelled('customer_request')],
])('%s', (_title, command, event) => {
  it('succeeds while it is placed', () => {
    past(placed).when(command).then(event);
  });

  it('is refused for an order that was never placed', () => {
    past().when(command).thenRefused('unknown-order');
  });

  it.each([confirmed, cancelled('timed_out'), cancelled('customer_request')])('comes too late after %o', (ending) => {
    const late = past(placed, ending).when(command);
    // The customer has to know. Payments refunds a late capture.
    if (command === request) late.thenRefused('order-over');
    else late.thenNothing();
  });
});

describe('listing a price', () => {
  const list = (change: Partial<Price>): OrderCommand => ({
    type: 'ListPrice',
    sku: 'TEA',
    price: { ...tea, ...change },
  });

  it('succeeds for a new product and for a newer price', () => {
    past().when(list({})).then(listed('TEA'));
    past(listed('TEA'))
      .when(list({ sequence: 2 }))
      .then(listed('TEA', { ...tea, sequence: 2 }));
  });

  it('is refused below zero', () => {
    past()
      .when(list({ priceMinor: -1 }))
      .thenRefused('negative-price');
  });

  it('changes nothing for a price that is not newer than the listed one', () => {
    past(listed('TEA'))
      .when(list({ priceMinor: 1 }))
      .thenNothing();
  });
});

describe('the state of an order', () => {
  it('has the number of its events as its version', () => {
    expect(contextAfter(placed).order).toMatchObject({ status: 'placed', version: 1, totalMinor: 900 });
    expect(contextAfter(placed, cancelled('timed_out')).order).toMatchObject({ version: 2, reason: 'timed_out' });
  });

  it('cannot begin with anything but OrderPlaced', () => {
    expect(() => contextAfter(confirmed)).toThrow('comes before OrderPlaced');
  });
});
