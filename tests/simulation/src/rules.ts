import type { Event } from '@orderflow/contracts';
import { stockRules, violationsOf } from '@orderflow/invariants';
import type { OutgoingRecord } from '@orderflow/kafka';
import type { Payment } from '../../../apps/payments/src/domain/payment.js';
import type { Reservation, Stock } from '../../../apps/inventory/src/domain/inventory.js';
import type { OrderEvent } from '../../../apps/orders/src/domain/order.js';
import type { Table, Change } from './memory/database.js';
import type { ParkedRow } from './memory/parking.js';
import type { StoredRecord } from './memory/tables.js';
import type { RareCounts } from './rare.js';

/** A rule of the whole system is broken. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/** The rules that must hold at every moment, checked as the system works; and a count of the rare paths it took. */
export class Rules {
  readonly broken: string[] = [];
  private readonly applied = new Set<string>();
  /** The events of each source and subject, where they first appear in the log. */
  private readonly log = new Map<string, Event[]>();
  private readonly handledUpTo = new Map<string, number>();
  /** Records in the log, by event id. */
  readonly copies = new Map<string, number>();
  private readonly events = new Map<string, Event>();

  constructor(readonly rare: RareCounts) {}

  readonly violated = (rule: string): void => void this.broken.push(rule);

  /** @throws Violation when a rule is broken by now */
  check(): void {
    if (this.broken.length > 0) throw new Violation(this.broken.join('; '));
  }

  askedAgain(): void {
    this.rare.add('a provider that was asked again');
  }

  storedAPart(): void {
    this.rare.add('a send of which a part was stored');
  }

  refusedOffsets(): void {
    this.rare.add('a zombie could not commit its offsets');
  }

  /** An event was handled by a consumer group, and that is committed. */
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

  /** An event was numbered and encoded. */
  readonly encoded = (event: Event): void => void this.events.set(event.id, event);

  /** A record was appended to the log: per source and subject, events are numbered without a gap and come in that order. */
  appended({ topic, key, headers }: OutgoingRecord): void {
    if (topic.endsWith('.dead-letters')) return;
    const event = this.events.get(headers['ce_id']!)!;
    const { id, sequence } = event;
    const first = this.log.get(`${topic} ${key}`) ?? [];
    this.log.set(`${topic} ${key}`, first);
    this.copies.set(id, (this.copies.get(id) ?? 0) + 1);
    if (sequence <= first.length) {
      if (first[sequence - 1]!.id !== id) this.violated(`in ${topic} number ${sequence} of an order is one event`);
    } else if (sequence > first.length + 1) this.violated(`in ${topic} an order's events are in their order`);
    else first.push(event);
  }

  /** The events of an order in the log, in the order of each source. */
  logOf(orderId: string): Event[] {
    return [...this.log.values()].flatMap((events) => (events[0]?.subject === orderId ? events : []));
  }

  /** Orders alone decides, and once. */
  orderEvents(events: Table<OrderEvent>, changes: readonly Change[]): void {
    for (const { table, after, before } of changes) {
      if (table !== 'order_events') continue;
      const { orderId, type } = after as OrderEvent;
      const all = [...events.rows.values()].filter((event) => event.orderId === orderId);
      if (before !== undefined || all.filter((event) => event.type !== 'OrderPlaced').length > 1)
        this.violated('an order is decided once');
      if (all.filter((event) => event.type === 'OrderPlaced').length > 1) this.violated('an order is placed once');
      if (type === 'OrderCancelled')
        this.cancelled((after as Extract<OrderEvent, { type: 'OrderCancelled' }>).data.reason);
    }
  }

  stock(delivered: number, stock: Table<Stock>, reservations: Table<Reservation>): void {
    const [openReservations, committedReservations] = [
      sumOf(reservations, 'reserved'),
      sumOf(reservations, 'committed'),
    ];
    const products = [...stock.rows.values()].map((product) => {
      return { ...product, delivered, openReservations, committedReservations };
    });
    for (const { rule, expected, found } of violationsOf(stockRules, products))
      this.violated(`${rule} (${found}; expected: ${expected})`);
  }

  payments(changes: readonly Change[]): void {
    for (const { table, before, after } of changes) {
      if (table === 'payments') {
        if (isStatus(before, 'cancelling') && isStatus(after, 'refunding'))
          this.rare.add('a late capture after the cancellation');
        const { status, ...rest } = after as Payment;
        if (status === 'awaiting' && 'reserved' in rest && rest.reserved && rest.bill === undefined)
          this.rare.add('a reservation consumed before its order');
      }
    }
  }

  /** Rare paths in the tables that all services have. */
  durable(changes: readonly Change[]): void {
    for (const { table, before, after } of changes) {
      if (table === 'outbox' && (after as StoredRecord | undefined)?.isRejected) this.rare.add('a row rejected');
      if (table === 'parked' && before !== undefined && after === undefined) this.rare.add('a parked order drained');
      if (table === 'parked' && before === undefined && (after as ParkedRow).attempts === 0)
        this.rare.add('a record parked');
      if (
        table === 'external_calls' &&
        after !== undefined &&
        before !== undefined &&
        attempts(after) > attempts(before)
      )
        this.rare.add('a call taken over after its lease');
    }
  }

  private cancelled(reason: string): void {
    if (reason === 'timed_out') this.rare.add('a deadline passed');
    if (reason === 'customer_request') this.rare.add('a customer cancelled in time');
    if (reason === 'out_of_stock') this.rare.add('an order out of stock');
    if (reason === 'payment_declined') this.rare.add('a payment declined');
  }
}

const attempts = (row: unknown): number => (row as { attempts: number }).attempts;

const isStatus = (row: unknown, status: string): boolean => (row as { status?: string } | undefined)?.status === status;

function sumOf(reservations: Table<Reservation>, status: 'reserved' | 'committed'): number {
  let sum = 0;
  for (const reservation of reservations.rows.values())
    if (reservation.status === status) sum += reservation.lines.reduce((of, { quantity }) => of + quantity, 0);
  return sum;
}
