import type { RecordedEvent, Repository, Sql } from '@orderflow/durable';
import type { KnownOrder, OrderCommand, OrderContext, OrderEvent } from '../domain/order.js';
import type { Price, PriceListed } from '../domain/price-list.js';
import { orderIdsOf, type OrderTypes, OrderWorkingSet, skusOf } from '../domain/order-working-set.js';
import { lockOrders, saveSnapshots } from './order-snapshots.js';
import { loadPrices, savePrices } from './prices.js';

type AnyRecorded = RecordedEvent<OrderEvent | PriceListed, OrderContext>;
type OrderRecorded = RecordedEvent<OrderEvent, OrderContext>;

/** Appends the events of orders, updates their snapshots, and updates the price list. */
export class OrderRepository implements Repository<OrderTypes> {
  async load(sql: Sql, commands: readonly OrderCommand[]): Promise<OrderWorkingSet> {
    const [orders, prices] = await Promise.all([
      lockOrders(sql, [...new Set(commands.flatMap(orderIdsOf))]),
      loadPrices(sql, [...new Set(commands.flatMap(skusOf))]),
    ]);
    return new OrderWorkingSet(orders, prices);
  }

  async save(sql: Sql, _loaded: OrderWorkingSet, recorded: readonly AnyRecorded[]): Promise<void> {
    const toOrders = recorded.filter(isToOrder).toSorted(byOrder);
    await Promise.all([
      appendEvents(sql, toOrders),
      saveSnapshots(sql, latestOrders(toOrders)),
      savePrices(sql, latestPrices(recorded)),
    ]);
  }
}

const isToOrder = (recorded: AnyRecorded): recorded is OrderRecorded => recorded.event.type !== 'PriceListed';

// In key order, else two instances that place the same orders at once could deadlock.
const byOrder = ({ event: { orderId: a } }: OrderRecorded, { event: { orderId: b } }: OrderRecorded): number =>
  a < b ? -1 : a > b ? 1 : 0;

const latestOrders = (recorded: readonly OrderRecorded[]): Map<string, KnownOrder> =>
  new Map(recorded.flatMap(({ event, state: { order } }) => (order.status === 'none' ? [] : [[event.orderId, order]])));

const latestPrices = (recorded: readonly AnyRecorded[]): Map<string, Price> =>
  new Map(recorded.flatMap(({ event }) => (event.type === 'PriceListed' ? [[event.sku, event.price]] : [])));

async function appendEvents(sql: Sql, recorded: readonly OrderRecorded[]): Promise<void> {
  if (recorded.length === 0) return;
  // guard: orders: the version of an event is unique in its order
  await sql.query(
    `INSERT INTO order_events (order_id, version, id, type, data, time, correlation_id, causation_id, traceparent, tracestate)
     SELECT * FROM jsonb_to_recordset($1::jsonb) AS e(order_id uuid, version int, id uuid, type text, data jsonb,
            time timestamptz, correlation_id text, causation_id text, traceparent text, tracestate text)`,
    [JSON.stringify(recorded.map(eventRowOf))],
  );
}

const eventRowOf = ({ id, event, state: { order }, context }: OrderRecorded) => ({
  order_id: event.orderId,
  version: order.version,
  id,
  type: event.type,
  data: event.data,
  time: context.at,
  correlation_id: context.correlationId,
  causation_id: context.id,
  traceparent: context.traceparent,
  tracestate: context.tracestate,
});
