import type { Event } from '@orderflow/contracts';
import type { OutgoingRecord } from '@orderflow/kafka';
import type { Payment } from '../../../apps/payments/src/domain/payment.js';
import type { Reservation, Stock } from '../../../apps/inventory/src/domain/inventory.js';
import type { OrderEvent } from '../../../apps/orders/src/domain/order.js';
import type { Table, Change } from './memory/database.js';
import type { ParkedRow } from './memory/parking.js';
import type { StoredRecord } from './memory/tables.js';
import type { RareCounts } from './rare.js';

/** A rule of the whole that does not hold. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/** What must hold at every moment, told of each thing that happens; and what of it is rare. */
export class Rules {
  readonly broken: string[] = [];
  private readonly applied = new Set<string>();
  private readonly said = new Map<string, string[]>();
  private readonly heardUpTo = new Map<string, number>();
  /** How often each event stands in the log. */
  readonly copies = new Map<string, number>();
  private readonly sequences = new Map<string, number>();

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
    const sequence = this.sequences.get(eventId)!;
    if (sequence < (this.heardUpTo.get(stream) ?? 0)) this.violated(`${group} hears an order's events in their order`);
    this.heardUpTo.set(stream, sequence);
  }

  /** An event got its number. */
  readonly encoded = ({ id, sequence }: Event): void => void this.sequences.set(id, sequence);

  /** A record stands in the log: per source and subject its events are numbered without a gap, and come in that order. */
  appended({ topic, key, headers }: OutgoingRecord): void {
    if (topic.endsWith('.dead-letters')) return;
    const id = headers['ce_id']!;
    const sequence = this.sequences.get(id)!;
    const ids = this.said.get(`${topic} ${key}`) ?? [];
    this.said.set(`${topic} ${key}`, ids);
    this.copies.set(id, (this.copies.get(id) ?? 0) + 1);
    if (sequence <= ids.length) {
      if (ids[sequence - 1] !== id) this.violated(`in ${topic} number ${sequence} of an order is one event`);
    } else if (sequence > ids.length + 1) this.violated(`in ${topic} an order's events stand in their order`);
    else ids.push(id);
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
    for (const { onHand, reserved, committed } of stock.rows.values()) {
      const open = sumOf(reservations, 'reserved');
      if (reserved < 0 || reserved > onHand) this.violated('stock is never promised twice, and never below zero');
      if (reserved !== open) this.violated(`what is reserved (${reserved}) is what open reservations hold (${open})`);
      if (committed !== sumOf(reservations, 'committed') || onHand + committed !== delivered)
        this.violated('what was delivered is on hand or has left with confirmed orders');
    }
  }

  payments(changes: readonly Change[]): void {
    for (const { table, before, after } of changes) {
      if (table === 'payments') {
        if (isStatus(before, 'cancelling') && isStatus(after, 'refunding'))
          this.rare.add('a late capture after the cancellation');
        const { status, ...rest } = after as Payment;
        if (status === 'awaiting' && 'reserved' in rest && rest.reserved && rest.bill === undefined)
          this.rare.add('a reservation heard before its order');
      }
    }
  }

  /** What all services have in common. */
  durable(changes: readonly Change[]): void {
    for (const { table, before, after } of changes) {
      if (table === 'outbox' && (after as StoredRecord | undefined)?.isRejected) this.rare.add('a row set aside');
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
