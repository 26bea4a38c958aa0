import type { ServiceName } from '@orderflow/client';
import { services } from '@orderflow/contracts';
import type {
  ChargeFacts,
  HistoryFacts,
  NoticeFacts,
  OrderFacts,
  PaymentFacts,
  ReservationFacts,
  SnapshotFacts,
  ViewFacts,
} from '@orderflow/invariants';
import type { Reader } from './database-reader.ts';
import * as sql from './order-facts-sql.ts';

/** History, snapshot and view of one order, as of one moment. */
interface OrderRow {
  history: HistoryFacts | null;
  snapshot: SnapshotFacts | null;
  view: ViewFacts | null;
}

type Writable<Facts> = { -readonly [Key in keyof Facts]: Facts[Key] };
type Draft = Omit<Writable<OrderFacts>, 'calls'> & { calls: OrderFacts['calls'][number][] };

/**
 * Reads every fact about the orders in scope. Orders is read first: an order that is settled there is final in the services that
 * are read after it, so the system may be at work meanwhile.
 */
export async function readOrderFacts(
  reader: Reader,
  scope: sql.Scope,
  lateAfterSeconds: number,
): Promise<OrderFacts[]> {
  const all = new Map<string, Draft>();
  const factsOf = (orderId: string): Draft => {
    const known = all.get(orderId) ?? { orderId, lateAfterSeconds, calls: [] };
    all.set(orderId, known);
    return known;
  };
  const read = async <Row>(service: ServiceName, statement: sql.Statement, put: (to: Draft, row: Row) => void) => {
    const { text, values } = statement(scope);
    for (const { key, ...row } of await reader.rows<{ key: string }>(service, text, values))
      put(factsOf(key), row as Row);
  };
  await read<OrderRow>('orders', sql.orders, (to, { history, snapshot, view }) =>
    Object.assign(to, history && { history }, snapshot && { snapshot }, view && { view }),
  );
  await Promise.all([
    read<ReservationFacts>('inventory', sql.reservations, (to, row) => (to.reservation = row)),
    read<PaymentFacts>('payments', sql.payments, (to, row) => (to.payment = row)),
    read<NoticeFacts>('notifications', sql.notices, (to, row) => (to.notices = row)),
    read<ChargeFacts>('sandbox', sql.charges, (to, row) => (to.charges = row)),
    read<{ mailbox: Record<string, number> }>('sandbox', sql.mails, (to, row) => (to.mailbox = row.mailbox)),
    ...services.map(async (service) => read(service, sql.calls, ({ calls }) => calls.push(service))),
  ]);
  return [...all.values()];
}

/** The facts of all orders, one range of ids at a time, so that memory is bounded however many there are. */
export async function* readAllOrderFacts(
  reader: Reader,
  atOnce: number,
  lateAfterSeconds: number,
): AsyncGenerator<OrderFacts[]> {
  let after: string | undefined;
  do {
    const { text, values } = sql.endOfRange(after, atOnce);
    const [end] = await reader.rows<{ key: string }>('orders', text, values);
    yield await readOrderFacts(reader, { ...(after && { after }), ...(end && { upTo: end.key }) }, lateAfterSeconds);
    after = end?.key;
  } while (after !== undefined);
}
