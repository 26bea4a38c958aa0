import type {
  AsOf,
  Change,
  JournalEvent,
  Order,
  OrderDiff,
  OrderRow,
  OtherRecord,
  Story,
} from '@orderflow/console-api';
import {
  changesBetween,
  edgesOf,
  foldOf,
  isSettled,
  originsOf,
  owedTo,
  pricedLine,
  sentenceOf,
} from '@orderflow/order-view';
import { type Head, headAfter, isOrderEvent, noHead, type OrderEvent, waitsFor } from './head.js';
import type { Recorded } from './journal.js';
import { maskedData } from './mask.js';

/** What orders the records of a subject. */
type Placed = Pick<Recorded, 'appendedAt' | 'position' | 'topic' | 'partition' | 'offset'>;

/**
 * In the order in which they were appended. Of two topics the journal may have read the later record first; one clock has
 * stamped both. A rebuild appends a record that was missing: within a partition the offset counts.
 */
export function byAppend(a: Placed, b: Placed): number {
  const isOnePartition = a.topic === b.topic && a.partition === b.partition;
  const isBefore = isOnePartition ? BigInt(a.offset) < BigInt(b.offset) : BigInt(a.position) < BigInt(b.position);
  return a.appendedAt.getTime() - b.appendedAt.getTime() || (isBefore ? -1 : 1);
}

/** An event about an order with its record. */
export interface Told {
  readonly event: OrderEvent;
  readonly record: Recorded;
}

/** The events of an order, each once, in the order in which they were appended; of one millisecond in that of the journal. */
export const toldBy = (records: readonly Recorded[]): Told[] =>
  records
    .toSorted(byAppend)
    .flatMap((record) =>
      record.event && !record.repeats && isOrderEvent(record.event) ? [{ event: record.event, record }] : [],
    );

export const headBy = (told: readonly Told[]): Head =>
  told.reduce((head, { event, record }) => headAfter(head, event, record.appendedAt), noHead);

const iso = (at: Date | undefined): string | null => at?.toISOString() ?? null;

/** The row of an order in a list. */
export function shownRow(orderId: string, head: Head): OrderRow {
  const { view } = head;
  return {
    orderId,
    status: view.status ?? null,
    cancelReason: view.cancelReason ?? null,
    stock: view.stock,
    payment: view.payment,
    settled: isSettled(view),
    waitsFor: waitsFor(head) ?? null,
    customerId: view.customerId ?? null,
    totalMinor: head.totalMinor ?? null,
    currency: head.currency ?? null,
    lineCount: head.lineCount ?? null,
    placedAt: iso(head.placedAt),
    updatedAt: head.updatedAt.toISOString(),
    settledAt: iso(head.settledAt),
    told: [...head.told],
    heard: { ...view.sequences },
  };
}

export function shownOrder(orderId: string, told: readonly Told[], asOf: AsOf): Order {
  const head = headBy(told);
  const placed = told.find(({ event }) => event.type === 'OrderPlaced');
  return {
    ...shownRow(orderId, head),
    lines: placed?.event.type === 'OrderPlaced' ? placed.event.data.lines.map(pricedLine) : [],
    traceId: told.find(({ record }) => record.traceId !== undefined)?.record.traceId ?? null,
    sentence: sentenceOf(head.view, owedTo(told.map(({ event }) => event))),
    asOf,
  };
}

export function shownStory(orderId: string, told: readonly Told[], others: readonly Recorded[], asOf: AsOf): Story {
  const events = told.map(({ event }) => event);
  return {
    order: shownOrder(orderId, told, asOf),
    events: told.map(shownEvent),
    others: others.map(shownOther),
    edges: edgesOf(events),
    origins: originsOf(events),
    owed: owedTo(events).map(({ service, oneOf, because }) => ({ service, oneOf: [...oneOf], because: [...because] })),
    asOf,
  };
}

export function shownDiff(from: readonly Told[], to: readonly Told[], asOf: Pick<OrderDiff, 'from' | 'to'>): OrderDiff {
  const foldTold = (told: readonly Told[]) => foldOf(told.map(({ event }) => event));
  const changes: Change[] = changesBetween(foldTold(from), foldTold(to));
  const before = new Set(from.map(({ record }) => record.position));
  return { ...asOf, changes, events: to.filter(({ record }) => !before.has(record.position)).map(shownEvent) };
}

export function shownEvent({ event, record }: { event: Recorded['event'] & object; record: Recorded }): JournalEvent {
  const { id, type, source, subject, sequence, schemaVersion, causationId, correlationId, time } = event;
  return {
    ...placeOf(record),
    id,
    type,
    source,
    subject,
    sequence,
    schemaVersion,
    saidAt: new Date(time).toISOString(),
    causationId,
    correlationId,
    traceId: record.traceId ?? null,
    data: maskedData(event),
  };
}

export const shownOther = (record: Recorded): OtherRecord => ({
  ...placeOf(record),
  subject: record.subject,
  why: record.why ?? 'unknown_schema',
  type: record.type === '' ? null : record.type,
});

const placeOf = ({ position, appendedAt, recordedAt, topic, partition, offset }: Recorded) => ({
  position,
  appendedAt: appendedAt.toISOString(),
  recordedAt: recordedAt.toISOString(),
  topic,
  partition,
  offset,
});
