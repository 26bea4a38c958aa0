import { describe, expect, it } from '@jest/globals';
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

  it('refuses a total that cannot be counted exactly', () => {
    const dear = listed('TEA', { ...tea, priceMinor: 2 ** 31 - 1 });
    const lines = [{ sku: 'TEA', quantity: 2 ** 23 }];
    past(dear).when(placeOrder({ lines })).thenRefused('total-too-large');
  });

  it('changes nothing when the same request arrives again, even after a price change', () => {
    const later = listed('TEA', { ...tea, priceMinor: 999, sequence: 2 });
    past(listed('TEA'), placed, later).when(placeOrder()).thenNothing();
    past(placed, confirmed).when(placeOrder()).thenNothing();
  });

  it.each([
    { email: 'bob@example.com' },
    { customerId: 'c-2' },
    { currency: 'USD' },
    { paymentToken: 'tok_declined' },
    { lines: [{ sku: 'TEA', quantity: 3 }] },
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
