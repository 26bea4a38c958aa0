import type { RecordedEvent, Repository, Sql } from '@orderflow/durable';
import type { KnownOrder, OrderCommand, OrderContext, OrderEvent } from '../domain/order.js';
import type { Price, PriceListed } from '../domain/price-list.js';
import { orderIdsOf, type OrderTypes, OrderWorkingSet, skusOf } from '../domain/order-working-set.js';
import { lockOrders, saveSnapshots } from './order-snapshots.js';
import { loadPrices, savePrices } from './prices.js';

type RecordedHere = RecordedEvent<OrderEvent | PriceListed, OrderContext>;
type RecordedOfOrder = RecordedEvent<OrderEvent, OrderContext>;

/** Orders as their events, with a snapshot of each, and the price list. */
export class OrderRepository implements Repository<OrderTypes> {
  async load(sql: Sql, commands: readonly OrderCommand[]): Promise<OrderWorkingSet> {
    const [orders, prices] = await Promise.all([
      lockOrders(sql, [...new Set(commands.flatMap(orderIdsOf))]),
      loadPrices(sql, [...new Set(commands.flatMap(skusOf))]),
    ]);
    return new OrderWorkingSet(orders, prices);
  }

  async save(sql: Sql, _loaded: OrderWorkingSet, recorded: readonly RecordedHere[]): Promise<void> {
    const toOrders = recorded.filter(isToOrder).toSorted(byOrder);
    await Promise.all([
      appendEvents(sql, toOrders),
      saveSnapshots(sql, latestOrders(toOrders)),
      savePrices(sql, latestPrices(recorded)),
    ]);
  }
}

const isToOrder = (recorded: RecordedHere): recorded is RecordedOfOrder => recorded.event.type !== 'PriceListed';

// Two instances that place the same orders at once insert them in this order: one waits for the other, no deadlock.
const byOrder = ({ event: { orderId: a } }: RecordedOfOrder, { event: { orderId: b } }: RecordedOfOrder): number =>
  a < b ? -1 : a > b ? 1 : 0;

const latestOrders = (recorded: readonly RecordedOfOrder[]): Map<string, KnownOrder> =>
  new Map(recorded.flatMap(({ event, state: { order } }) => (order.status === 'none' ? [] : [[event.orderId, order]])));

const latestPrices = (recorded: readonly RecordedHere[]): Map<string, Price> =>
  new Map(recorded.flatMap(({ event }) => (event.type === 'PriceListed' ? [[event.sku, event.price]] : [])));

async function appendEvents(sql: Sql, recorded: readonly RecordedOfOrder[]): Promise<void> {
  if (recorded.length === 0) return;
  await sql.query(
    `INSERT INTO order_events (order_id, version, id, type, data, time, correlation_id, causation_id, traceparent)
     SELECT * FROM jsonb_to_recordset($1::jsonb) AS e(order_id uuid, version int, id uuid, type text, data jsonb,
            time timestamptz, correlation_id text, causation_id text, traceparent text)`,
    [JSON.stringify(recorded.map(eventRowOf))],
  );
}

const eventRowOf = ({ id, event, state: { order }, context }: RecordedOfOrder) => ({
  order_id: event.orderId,
  version: order.version,
  id,
  type: event.type,
  data: event.data,
  time: context.at,
  correlation_id: context.correlationId,
  causation_id: context.id,
  traceparent: context.traceparent,
});
