import { randomUUID } from 'node:crypto';
import { type Event, type EventBody, type EventType, eventSchemas } from '@orderflow/contracts';

/** Data that fits each schema, as small as it can be. */
const data: { readonly [Type in EventType]: EventBody<Type>['data'] } = {
  OrderPlaced: {
    customerId: 'customer-1',
    email: 'ada@example.com',
    currency: 'EUR',
    lines: [{ sku: 'MUG-1', quantity: 1, unitPriceMinor: 1500 }],
    totalMinor: 1500,
    paymentToken: 'tok_visa',
  },
  OrderConfirmed: { email: 'ada@example.com', totalMinor: 1500, currency: 'EUR' },
  OrderCancelled: { email: 'ada@example.com', reason: 'customer_request' },
  StockReserved: { lines: [{ sku: 'MUG-1', quantity: 1 }] },
  StockRejected: { reason: 'out_of_stock', short: [{ sku: 'MUG-1', quantity: 1 }] },
  StockCommitted: { lines: [{ sku: 'MUG-1', quantity: 1 }] },
  StockReleased: { lines: [{ sku: 'MUG-1', quantity: 1 }] },
  ProductChanged: { name: 'Mug', priceMinor: 1500, currency: 'EUR' },
  PaymentCaptured: { chargeId: 'charge-1', amountMinor: 1500, currency: 'EUR' },
  PaymentDeclined: { code: 'card_declined', amountMinor: 1500, currency: 'EUR' },
  PaymentVoided: {},
  PaymentRefunded: { refundId: 'refund-1', amountMinor: 1500, currency: 'EUR' },
  NotificationSent: { template: 'order-confirmed', messageId: '<1@example.com>' },
  NotificationFailed: { template: 'order-confirmed', reason: 'refused' },
};

/**
 * An event of a type as it travels, about an order (or SKU) that no other test knows.
 * @param overrides what the test is about; `data` replaces all of the data
 */
export const anEvent = <Type extends EventType>(type: Type, overrides: Partial<Event<Type>> = {}): Event<Type> =>
  ({
    type,
    data: data[type],
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
