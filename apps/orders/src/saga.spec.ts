import { describe, expect, it } from '@jest/globals';
import { anEvent } from '@orderflow/testing';
import { evolve } from './domain/evolve.js';
import { noOrder, type OrderContext, type OrderEvent } from './domain/order.js';
import type { PriceListed } from './domain/price-list.js';
import { takeBack } from './recovery.js';
import { effectsOf, onDeadline, reactions, viewReactions } from './saga.js';

const orderId = '0190a6c2-7e4f-7000-8000-000000000001';

describe('reactions', () => {
  it('confirm an order when its payment is captured', () => {
    const captured = anEvent('PaymentCaptured', { subject: orderId });
    expect(reactions.PaymentCaptured(captured)).toEqual({ type: 'ConfirmOrder', orderId });
  });

  it('cancel with the reason that belongs to the event', () => {
    const rejected = anEvent('StockRejected', { subject: orderId });
    expect(reactions.StockRejected(rejected)).toEqual({ type: 'CancelOrder', orderId, reason: 'out_of_stock' });
    const declined = anEvent('PaymentDeclined', { subject: orderId });
    expect(reactions.PaymentDeclined(declined)).toEqual({ type: 'CancelOrder', orderId, reason: 'payment_declined' });
    expect(onDeadline(orderId)).toEqual({ type: 'CancelOrder', orderId, reason: 'timed_out' });
  });

  const changed = anEvent('ProductChanged', { subject: 'TEA', sequence: 3 });

  it('list a price with the sequence of its event', () => {
    const price = { priceMinor: 1299, currency: 'EUR', sequence: 3 };
    expect(reactions.ProductChanged(changed)).toEqual({ type: 'ListPrice', sku: 'TEA', price });
  });

  it('list a price that does not fit the int of the first release', () => {
    const data = { ...changed.data, priceMinor: 2 ** 31 - 1, largePriceMinor: 4_500_000_000 };
    const { price } = reactions.ProductChanged({ ...changed, data });
    expect(price).toMatchObject({ priceMinor: 4_500_000_000 });
  });
});

describe('effects', () => {
  const email = 'ada@example.com';
  const lines = [
    { sku: 'TEA', quantity: 1, unitPriceMinor: 450 },
    { sku: 'FRIDGE', quantity: 2, unitPriceMinor: 4_500_000_000 },
  ];
  const writtenLines = [
    { sku: 'TEA', quantity: 1, unitPriceMinor: 450, largeUnitPriceMinor: null },
    { sku: 'FRIDGE', quantity: 2, unitPriceMinor: 2 ** 31 - 1, largeUnitPriceMinor: 4_500_000_000 },
  ];
  const placed: Extract<OrderEvent, { type: 'OrderPlaced' }> = {
    type: 'OrderPlaced',
    orderId,
    data: {
      customerId: 'c-1',
      email,
      currency: 'EUR',
      lines,
      totalMinor: 0,
      paymentToken: 'encrypted',
      paymentTokenDigest: 'digest',
    },
  };
  const over: OrderEvent[] = [
    { type: 'OrderConfirmed', orderId, data: { email, totalMinor: 0, currency: 'EUR' } },
    { type: 'OrderCancelled', orderId, data: { email, reason: 'timed_out' } },
  ];
  const after = (...events: OrderEvent[]): OrderContext =>
    events.reduce<OrderContext>(evolve, { order: noOrder, prices: new Map() });

  it('publish OrderPlaced, a large price in its second field, and set the deadline', () => {
    const data = { ...placed.data, lines: writtenLines };
    expect(effectsOf(60)(placed, after(placed))).toEqual([
      { publish: { type: 'OrderPlaced', data }, subject: orderId, sequence: 1 },
      { deadline: { subject: orderId, inSeconds: 60 } },
    ]);
  });

  it('are read by the view as they were decided', () => {
    const event = anEvent('OrderPlaced', { data: { ...placed.data, lines: writtenLines } });
    expect(viewReactions.OrderPlaced(event).data.lines).toEqual(lines);
  });

  it.each(over)('publish the outcome and clear the deadline: $type', (event) => {
    // Traces of cancelled orders are kept for diagnosis.
    const ending =
      event.type === 'OrderConfirmed'
        ? { ending: 'confirmed', wantTrace: false }
        : { ending: 'timed_out', wantTrace: true };
    expect(effectsOf(60)(event, after(placed, event))).toEqual([
      { publish: { type: event.type, data: event.data }, subject: orderId, sequence: 2 },
      { clearDeadline: orderId },
      ending,
    ]);
  });

  it('publish nothing about the price list', () => {
    const listed: PriceListed = {
      type: 'PriceListed',
      sku: 'TEA',
      price: { priceMinor: 450, currency: 'EUR', sequence: 1 },
    };
    expect(effectsOf(60)(listed, after())).toEqual([]);
  });
});

describe('an event that orders published and its restored database does not hold', () => {
  it('is the next version of its order', () => {
    const context: OrderContext = { order: noOrder, prices: new Map() };
    const placed = anEvent('OrderPlaced', { subject: orderId, sequence: 1 });
    const confirmed = anEvent('OrderConfirmed', { subject: orderId, sequence: 2 });
    const after = [placed, confirmed].reduce<OrderContext>(
      (now, event) => takeBack.eventsOf(event, now).reduce(evolve, now),
      context,
    );
    expect(after.order).toMatchObject({ status: 'confirmed', version: 2 });
    expect(takeBack.sequenceOf(confirmed, after)).toBe(2);
  });
});
