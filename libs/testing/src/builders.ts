import { randomUUID } from 'node:crypto';
import { type Event, type EventBody, type EventType, eventSchemas } from '@orderflow/contracts';

/** The smallest data that fits each schema. */
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
  NotificationFailed: { template: 'order-confirmed', reason: 'rejected' },
};

/**
 * An event of an order (or SKU) that no other test uses.
 * @param overrides attributes to replace; `data` is replaced as a whole
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
