import { randomUUID } from 'node:crypto';
import { type Event, type EventData, eventSchemas, type EventType, topicOf } from '@orderflow/contracts';
import type { RawRecord } from '../src/broker.js';

const lines = [
  { sku: 'TEA-1', quantity: 2 },
  { sku: 'cup_2.b', quantity: 10_000 },
];

/** Data of each event, at the bounds of the rules where that is easy. */
export const sampleData: { readonly [Type in EventType]: EventData[Type] } = {
  ProductChanged: { name: 'Tea, 1 kg — “Grün”', priceMinor: 1299, currency: 'EUR' },
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
    lines: [{ sku: 'TEA-1', quantity: 2, unitPriceMinor: 1299 }],
    totalMinor: 2598,
    paymentToken: 'tok_visa',
  },
  PaymentCaptured: { chargeId: 'ch_1', amountMinor: 2598, currency: 'EUR' },
  PaymentDeclined: { code: 'insufficient_funds', amountMinor: 2598, currency: 'EUR' },
  PaymentRefunded: { refundId: 're_1', amountMinor: 2598, currency: 'EUR' },
  PaymentVoided: {},
};

export const allTypes = Object.keys(eventSchemas) as EventType[];

/** An event of the given type with fresh ids. */
export const sampleEvent = <Type extends EventType>(type: Type, changes: Partial<Event> = {}): Event =>
  ({
    id: randomUUID(),
    source: eventSchemas[type].owner,
    type,
    subject: type === 'ProductChanged' ? 'TEA-1' : randomUUID(),
    time: '2026-11-03T15:15:00.123Z',
    correlationId: randomUUID(),
    causationId: randomUUID(),
    sequence: 1,
    schemaVersion: eventSchemas[type].version,
    data: sampleData[type],
    ...changes,
  }) as Event;

/** The record of an event. */
export const recordOf = (event: Event, value: Buffer | null, changes: Partial<RawRecord> = {}): RawRecord => ({
  topic: topicOf(event.type),
  partition: 0,
  offset: '0',
  timestamp: new Date(0),
  key: Buffer.from(event.subject),
  value,
  headers: { ce_id: Buffer.from(event.id), ce_type: Buffer.from(event.type) },
  ...changes,
});
