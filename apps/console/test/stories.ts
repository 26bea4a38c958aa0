import { randomUUID } from 'node:crypto';
import type { Event, EventType, Service } from '@orderflow/contracts';
import { anEvent } from '@orderflow/testing';

/** `[type, the type of its cause, data?]`; without a cause it is a request. */
type Line = readonly [type: EventType, cause?: EventType | undefined, data?: object];

const lines: Readonly<Record<string, readonly Line[]>> = {
  confirmed: [
    ['OrderPlaced'],
    ['StockReserved', 'OrderPlaced'],
    ['PaymentCaptured', 'StockReserved'],
    ['OrderConfirmed', 'PaymentCaptured'],
    ['StockCommitted', 'OrderConfirmed'],
    ['NotificationSent', 'OrderConfirmed'],
  ],
  outOfStock: [
    ['OrderPlaced'],
    ['StockRejected', 'OrderPlaced'],
    ['OrderCancelled', 'StockRejected', { email: 'ada@example.com', reason: 'out_of_stock' }],
    ['PaymentVoided', 'OrderCancelled'],
    ['NotificationSent', 'OrderCancelled'],
  ],
  tooLate: [
    ['OrderPlaced'],
    ['StockReserved', 'OrderPlaced'],
    ['OrderCancelled', undefined, { email: 'ada@example.com', reason: 'timed_out' }],
    ['StockReleased', 'OrderCancelled'],
    ['NotificationSent', 'OrderCancelled'],
    ['PaymentCaptured', 'StockReserved'],
    ['PaymentRefunded', 'StockReserved'],
    ['NotificationSent', 'PaymentRefunded'],
  ],
};

export const endings = Object.keys(lines);

/** The events of a new order that ends like this, in the order in which they are published. */
export function aStory(ending: string): Event[] {
  const subject = randomUUID();
  const request = randomUUID();
  const told: Event[] = [];
  const said = new Map<Service, number>();
  for (const [type, cause, data] of lines[ending] ?? []) {
    const event = anEvent(type, {
      subject,
      correlationId: request,
      causationId: told.find((before) => before.type === cause)?.id ?? request,
      ...(data && { data: data as never }),
    });
    const sequence = (said.get(event.source) ?? 0) + 1;
    said.set(event.source, sequence);
    told.push({ ...event, sequence });
  }
  return told;
}
