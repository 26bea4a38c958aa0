import { randomUUID } from 'node:crypto';
import { bounds, type Event, type EventBody, type EventType, eventSchemas, mostUnitsOfSku } from '@orderflow/contracts';

const lines = [
  { sku: 'TEA-1', quantity: 2 },
  { sku: '50% OFF: cup/2 & saucer (grün)', quantity: mostUnitsOfSku },
];

/** Data of each event, at the bounds of the rules where that is easy. */
export const eventData: { readonly [Type in EventType]: EventBody<Type>['data'] } = {
  ProductChanged: { name: 'Tea, 1 kg — “Grün”', priceMinor: 1299, currency: 'EUR', largePriceMinor: null },
  StockCommitted: { lines },
  StockRejected: { reason: 'out_of_stock', short: lines },
  StockReleased: { lines },
  StockReserved: { lines },
  NotificationFailed: { template: 'order-confirmed', reason: '550 no such mailbox' },
  NotificationSent: { template: 'order-confirmed', messageId: '<1@orderflow.example>' },
  OrderCancelled: { email: 'ada@example.com', reason: 'timed_out' },
  OrderConfirmed: { email: 'ada@example.com', totalMinor: 2_000_000_000_000, currency: 'JPY' },
  OrderPlaced: {
    customerId: 'c-1',
    email: 'ada@example.com',
    currency: 'EUR',
    lines: [
      { sku: 'TEA-1', quantity: 2, unitPriceMinor: 1299, largeUnitPriceMinor: null },
      { sku: 'TEA-1', quantity: 1, unitPriceMinor: 2 ** 31 - 1, largeUnitPriceMinor: bounds.priceMinor },
    ],
    totalMinor: bounds.priceMinor + 2598,
    paymentToken: 'a compact JWE'.padEnd(512, '.'),
    paymentTokenDigest: 'a keyed hash',
    expectedTotalMinor: null,
  },
  PaymentCaptured: { chargeId: 'ch_1', amountMinor: 2598, currency: 'EUR' },
  PaymentDeclined: { code: 'insufficient_funds', amountMinor: 2598, currency: 'EUR' },
  PaymentRefunded: { refundId: 're_1', amountMinor: 2598, currency: 'EUR', elsewhere: true },
  PaymentVoided: {},
};

/**
 * An event of an order (or SKU) that no other test uses.
 * @param overrides attributes to replace; `data` is replaced as a whole
 */
export const anEvent = <Type extends EventType>(type: Type, overrides: Partial<Event<Type>> = {}): Event<Type> =>
  ({
    type,
    data: eventData[type],
    id: randomUUID(),
    source: eventSchemas[type].owner,
    subject: type === 'ProductChanged' ? `SKU-${randomUUID()}` : randomUUID(),
    time: new Date().toISOString(),
    correlationId: randomUUID(),
    causationId: randomUUID(),
    sequence: 1,
    schemaVersion: eventSchemas[type].version,
    ...overrides,
  }) as Event<Type>;
