import type { Event } from '@orderflow/contracts';
import { type Rule, stockRules, streamRules, violationsOf } from '@orderflow/invariants';
import type { OutgoingRecord, RawRecord } from '@orderflow/kafka';
import type { Payment } from '../../../apps/payments/src/domain/payment.js';
import type { Reservation, Stock } from '../../../apps/inventory/src/domain/inventory.js';
import type { OrderEvent } from '../../../apps/orders/src/domain/order.js';
import type { Table, Change } from './memory/database.js';
import type { ParkedRow } from './memory/parking.js';
import type { StoredRecord } from './memory/tables.js';
import type { RareCounts } from './rare-paths.js';

export class Violation extends Error {
  override readonly name = 'Violation';
}

/** Checks the rules that must hold after every step, and counts the rare paths of the run. */
export class Rules {
  readonly broken: string[] = [];
  private readonly applied = new Set<string>();
  /** By topic and subject: the events in the order in which they first appear in the log. */
  private readonly log = new Map<string, Event[]>();
  private readonly handledUpTo = new Map<string, number>();
  /** Number of records in the log by event id. */
  readonly copies = new Map<string, number>();
  private readonly events = new Map<string, Event>();

  constructor(readonly rare: RareCounts) {}

  readonly violated = (rule: string): void => void this.broken.push(rule);

  /** Adds each of the rules that a subject breaks. */
  require<Facts>(all: readonly Rule<Facts>[], subjects: readonly Facts[]): void {
    for (const { rule, subject, expected, found } of violationsOf(all, subjects))
      this.violated(`${rule} (${subject}: ${found}; expected: ${expected})`);
  }

  /** @throws Violation when a rule is broken */
  check(): void {
    if (this.broken.length > 0) throw new Violation(this.broken.join('; '));
  }

  /** A consumer group has handled an event and committed the transaction. */
  handled(group: string, topic: string, subject: string, eventId: string): void {
    const key = `${group} ${eventId}`;
    if (this.applied.has(key)) this.violated(`${group} applies no event twice`);
    this.applied.add(key);
    const stream = `${group} ${topic} ${subject}`;
    const { sequence } = this.events.get(eventId)!;
    if (sequence < (this.handledUpTo.get(stream) ?? 0))
      this.violated(`${group} handles an order's events in their order`);
    this.handledUpTo.set(stream, sequence);
  }

  readonly encoded = (event: Event): void => void this.events.set(event.id, event);

  /** Checks that each source numbers the events of a subject without a gap and publishes them in that order. */
  readonly appended = ({ topic, key, headers }: OutgoingRecord): void => {
    if (topic.endsWith('.dead-letters')) return;
    const event = this.events.get(headers['ce_id']!)!;
    const { id, source } = event;
    const events = this.log.get(`${topic} ${key}`) ?? [];
    this.log.set(`${topic} ${key}`, events);
    this.copies.set(id, (this.copies.get(id) ?? 0) + 1);
    if (events.some((known) => known.id === id)) return;
    events.push(event);
    const sequences = events.map(({ sequence }) => sequence);
    this.require(streamRules, [{ source, orderId: key, sequences, published: sequences.length, missing: [] }]);
  };

  /** The events of an order in the log, in the order of each source. */
  logOf(orderId: string): Event[] {
    return [...this.log.values()].flatMap((events) => (events[0]?.subject === orderId ? events : []));
  }

  isCaptureOf(orderId: string, { headers }: RawRecord): boolean {
    const event = this.events.get(String(headers['ce_id']));
    return event?.type === 'PaymentCaptured' && event.subject === orderId;
  }

  /** Checks that an order is placed once and decided once, and not timed out too early. */
  orderEvents(events: Table<OrderEvent>, changes: readonly Change[], isTooEarly: (orderId: string) => boolean): void {
    for (const { table, after, before } of changes) {
      if (table !== 'order_events') continue;
      const { orderId, type, data } = after as OrderEvent;
      if ('lines' in data && data.lines.length > 1) this.rare.add('an order with a SKU in two lines');
      const all = [...events.values()].filter((event) => event.orderId === orderId);
      if (before !== undefined || all.filter((event) => event.type !== 'OrderPlaced').length > 1)
        this.violated('an order is decided once');
      if (all.filter((event) => event.type === 'OrderPlaced').length > 1) this.violated('an order is placed once');
      if (type !== 'OrderCancelled') continue;
      const { reason } = (after as Extract<OrderEvent, { type: 'OrderCancelled' }>).data;
      if (reason === 'timed_out' && isTooEarly(orderId))
        this.violated('an order is not timed out before a capture that had arrived is consumed');
      if (reason !== 'unknown') this.rare.add(cancelled[reason]);
    }
  }

  stock(delivered: number, stock: Table<Stock>, reservations: Table<Reservation>): void {
    const products = [...stock.values()].map((product) => ({
      ...product,
      delivered,
      openReservations: sumOf(product, reservations, 'reserved'),
      committedReservations: sumOf(product, reservations, 'committed'),
    }));
    this.require(stockRules, products);
  }

  payments(changes: readonly Change[]): void {
    for (const { table, before, after } of changes) {
      if (table !== 'payments') continue;
      const was = before as Payment | undefined;
      const payment = after as Payment;
      if (was?.status === 'cancelling' && payment.status === 'refunding')
        this.rare.add('a late capture after the cancellation');
      if (was?.status !== 'captured' && payment.status === 'captured' && payment.money.amountMinor === 0)
        this.rare.add('an order that cost nothing');
      if (was?.status === 'captured' && payment.status === 'voided') this.rare.add('a free order cancelled too late');
      if (payment.status === 'awaiting' && payment.reserved && payment.bill === undefined)
        this.rare.add('a reservation consumed before its order');
    }
  }

  /** Counts rare paths in the tables of libs/durable. */
  durable(changes: readonly Change[]): void {
    for (const { table, before, after } of changes) {
      const row = after as Partial<StoredRecord & ParkedRow> | undefined;
      if (table === 'outbox' && row?.isRejected) this.rare.add('an outbox row rejected');
      if (table === 'parked' && before === undefined && row?.attempts === 0) this.rare.add('a record parked');
      if (table === 'parked' && before !== undefined && row === undefined) this.rare.add('a parked record processed');
      const isRepeated = row !== undefined && before !== undefined && attempts(row) > attempts(before);
      if (table === 'external_calls' && isRepeated) this.rare.add('a call taken over after its lease');
    }
  }
}

const cancelled = {
  timed_out: 'a deadline passed',
  customer_request: 'a customer cancelled in time',
  out_of_stock: 'an order out of stock',
  payment_declined: 'a payment declined',
} as const;

const attempts = (row: unknown): number => (row as { attempts: number }).attempts;

function sumOf({ sku }: Stock, reservations: Table<Reservation>, status: 'reserved' | 'committed'): number {
  let sum = 0;
  for (const reservation of reservations.values())
    if (reservation.status === status) for (const line of reservation.lines) if (line.sku === sku) sum += line.quantity;
  return sum;
}
