import type { ServiceName } from '@orderflow/local';
import { owners, type Reader } from './books.ts';
import * as sql from './facts-sql.ts';

/** What orders says of one order: history, snapshot and view side by side, as of one moment. */
export interface OrderRow {
  /** History; 0 and null where there is none. */
  events: number;
  firstVersion: number | null;
  lastVersion: number | null;
  lastType: string | null;
  reason: string | null;
  placedMinor: number | null;
  ageSeconds: number | null;
  /** Snapshot. */
  status: 'placed' | 'confirmed' | 'cancelled' | null;
  version: number | null;
  cancelReason: string | null;
  totalMinor: number | null;
  currency: string | null;
  /** View. */
  settled: boolean | null;
  viewStatus: string | null;
  viewReason: string | null;
  viewStock: string | null;
  viewPayment: string | null;
  viewVersion: number | null;
  inventorySeq: number | null;
  paymentsSeq: number | null;
  notificationsSeq: number | null;
}

export interface ReservationRow {
  status: string;
  sequence: number;
}

export interface PaymentRow {
  status: string;
  sequence: number;
  amountMinor: number;
  currency: string | null;
}

export interface NoticesRow {
  sequence: number;
  mails: Record<string, { status: string }>;
}

/** The provider's books of one order. */
export interface ChargesRow {
  captures: number;
  keptMinor: number;
  currency: string | null;
}

/** All that anybody's books say of one order. */
export interface OrderFacts {
  orderId: string;
  order?: OrderRow;
  reservation?: ReservationRow;
  payment?: PaymentRow;
  notices?: NoticesRow;
  charges?: ChargesRow;
  /** The mails that came, by template: how many with different Message-IDs. */
  mailbox?: Record<string, number>;
  /** Services that have a call outside to make for it. */
  calls: ServiceName[];
}

type Keyed<Row> = Row & { key: string };

/**
 * Orders comes first: what is settled there is final in all that is read after it, so that the books may be read while
 * orders go on.
 */
export async function readDossiers(books: Reader, scope: sql.Scope): Promise<OrderFacts[]> {
  const facts = new Map<string, OrderFacts>();
  const of = (orderId: string): OrderFacts => {
    const known = facts.get(orderId) ?? { orderId, calls: [] };
    facts.set(orderId, known);
    return known;
  };
  const read = async <Row>(service: ServiceName, statement: sql.Statement, put: (to: OrderFacts, row: Row) => void) => {
    const { text, values } = statement(scope);
    for (const { key, ...row } of await books.rows<Keyed<object>>(service, text, values)) put(of(key), row as Row);
  };
  await read<OrderRow>('orders', sql.orders, (to, row) => (to.order = row));
  await Promise.all([
    read<ReservationRow>('inventory', sql.reservations, (to, row) => (to.reservation = row)),
    read<PaymentRow>('payments', sql.payments, (to, row) => (to.payment = row)),
    read<NoticesRow>('notifications', sql.notices, (to, row) => (to.notices = row)),
    read<ChargesRow>('sandbox', sql.charges, (to, row) => (to.charges = row)),
    read<{ mailbox: Record<string, number> }>('sandbox', sql.mails, (to, row) => (to.mailbox = row.mailbox)),
    ...owners.map(async (owner) => read(owner, sql.calls, ({ calls }) => calls.push(owner))),
  ]);
  return [...facts.values()];
}

/** The facts of all orders, a stretch of ids at a time, so that memory is bounded however many there are. */
export async function* everyDossier(books: Reader, atOnce: number): AsyncGenerator<OrderFacts[]> {
  let after: string | undefined;
  do {
    const { text, values } = sql.endOfStretch(after, atOnce);
    const [end] = await books.rows<{ key: string }>('orders', text, values);
    yield await readDossiers(books, { ...(after && { after }), ...(end && { upTo: end.key }) });
    after = end?.key;
  } while (after !== undefined);
}
