import { expect } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { type EventTap, eventually, type Order, type TappedEvent } from '@orderflow/client';
import { consumedBy, type Event, type EventBody, eventSchemas, type EventType } from '@orderflow/contracts';

/** An event of an order as its source would publish it, to be published by hand. */
export const handMadeEvent = (
  orderId: string,
  body: EventBody,
  sequence: number,
  correlationId: string = randomUUID(),
) =>
  ({
    ...body,
    id: randomUUID(),
    source: eventSchemas[body.type].owner,
    subject: orderId,
    time: new Date().toISOString(),
    correlationId,
    causationId: correlationId,
    sequence,
    schemaVersion: eventSchemas[body.type].version,
  }) as Event;

/** The events of an order that ends in one of these ways. */
export const eventsOfOrder = {
  confirmed: [
    ...(['OrderPlaced', 'StockReserved', 'PaymentCaptured', 'OrderConfirmed'] as const),
    ...(['StockCommitted', 'NotificationSent'] as const),
  ],
  outOfStock: ['OrderPlaced', 'StockRejected', 'OrderCancelled', 'PaymentVoided', 'NotificationSent'],
  declined: ['OrderPlaced', 'StockReserved', 'PaymentDeclined', 'OrderCancelled', 'StockReleased', 'NotificationSent'],
  /** The capture comes after the cancellation. */
  refunded: [
    ...(['OrderPlaced', 'StockReserved', 'OrderCancelled', 'StockReleased', 'NotificationSent'] as const),
    ...(['PaymentCaptured', 'PaymentRefunded', 'NotificationSent'] as const),
  ],
} as const satisfies Readonly<Record<string, readonly EventType[]>>;

const traceIdOf = ({ record }: TappedEvent): string =>
  record.headers['traceparent']?.toString().split('-')[1] ?? 'none';

/** The events of an order once exactly these were published, each as often as it is named. */
export async function eventsOnceComplete(
  eventTap: EventTap,
  orderId: string,
  types: readonly EventType[],
): Promise<TappedEvent[]> {
  return eventually(async () => {
    const published = await eventTap.eventsOf(orderId);
    expect(published.map(({ event }) => event.type).toSorted()).toEqual([...types].toSorted());
    return published;
  });
}

/** What holds for the events of every order, whatever its outcome. */
export function expectConsistent(published: readonly TappedEvent[], order: Order): void {
  expect(new Set(published.map(({ event }) => event.correlationId)).size).toBe(1);
  expect(new Set(published.map(traceIdOf))).toEqual(new Set([order.traceId]));
  expect(new Set(published.map(({ event }) => event.id)).size).toBe(published.length);
  expectSequences(published);
  for (const one of published) expectCause(one, published);
}

/** Each source counts from 1, in the order of its topic and without a gap. */
function expectSequences(published: readonly TappedEvent[]): void {
  for (const source of new Set(published.map(({ event }) => event.source))) {
    const own = published.filter(({ event }) => event.source === source);
    const inLog = own.toSorted((a, b) => Number(a.record.offset) - Number(b.record.offset));
    expect(inLog.map(({ event }) => event.sequence)).toEqual(own.map((_, index) => index + 1));
  }
}

/** The cause of an event was appended before it, and the saga has a step from the one to the other. */
function expectCause({ event, record }: TappedEvent, published: readonly TappedEvent[]): void {
  const cause = published.find((other) => other.event.id === event.causationId);
  if (cause === undefined) {
    // The cause is a request or a deadline, and only orders has those.
    expect(['OrderPlaced', 'OrderCancelled']).toContain(event.type);
    return;
  }
  expect(cause.record.timestamp.getTime()).toBeLessThanOrEqual(record.timestamp.getTime());
  const consumed: readonly EventType[] = consumedBy(event.source);
  expect(event.type === 'OrderCancelled' ? [...consumed, 'OrderPlaced'] : consumed).toContain(cause.event.type);
  if (event.type === 'PaymentRefunded') expect(cause.event.type).toBe('OrderCancelled');
}

/** Each of these was appended before the next one. */
export function expectOrder(published: readonly TappedEvent[], ...chain: readonly EventType[]): void {
  const at = (type: EventType) => {
    const found = published.find(({ event }) => event.type === type);
    if (found === undefined) throw new Error(`${type} was not published`);
    return found.record.timestamp.getTime();
  };
  for (const [index, type] of chain.slice(1).entries()) {
    expect({ type, at: at(type) >= at(chain[index]!) }).toEqual({ type, at: true });
  }
}
