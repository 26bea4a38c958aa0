import type { Happened, Repository, Sql } from '@orderflow/durable';
import type { KnownOrder, OrderCommand, OrderDesk, OrderEvent } from '../domain/order.js';
import type { Price, PriceListed } from '../domain/price-list.js';
import { orderIdsOf, OrderDesks, skusOf } from '../domain/order-working-set.js';
import { lockOrders, saveSnapshots } from './order-snapshots.js';
import { loadPrices, savePrices } from './prices.js';

type HappenedHere = Happened<OrderEvent | PriceListed, OrderDesk>;
type HappenedToOrder = Happened<OrderEvent, OrderDesk>;

/** Orders as their events, with a snapshot of each, and the price list. */
export class OrderRepository implements Repository<OrderDesk, OrderCommand, OrderEvent | PriceListed, OrderDesks> {
  async load(sql: Sql, commands: readonly OrderCommand[]): Promise<OrderDesks> {
    const [orders, prices] = await Promise.all([
      lockOrders(sql, [...new Set(commands.flatMap(orderIdsOf))]),
      loadPrices(sql, [...new Set(commands.flatMap(skusOf))]),
    ]);
    return new OrderDesks(orders, prices);
  }

  async save(sql: Sql, _loaded: OrderDesks, happened: readonly HappenedHere[]): Promise<void> {
    const toOrders = happened.filter(isToOrder).toSorted(byOrder);
    await Promise.all([
      appendEvents(sql, toOrders),
      saveSnapshots(sql, latestOrders(toOrders)),
      savePrices(sql, latestPrices(happened)),
    ]);
  }
}

const isToOrder = (happened: HappenedHere): happened is HappenedToOrder => happened.event.type !== 'PriceListed';

// Two members that place the same orders at once insert them in this same order: one waits for the other, no deadlock.
const byOrder = ({ event: { orderId: a } }: HappenedToOrder, { event: { orderId: b } }: HappenedToOrder): number =>
  a < b ? -1 : a > b ? 1 : 0;

const latestOrders = (happened: readonly HappenedToOrder[]): Map<string, KnownOrder> =>
  new Map(happened.flatMap(({ event, state: { order } }) => (order.status === 'none' ? [] : [[event.orderId, order]])));

const latestPrices = (happened: readonly HappenedHere[]): Map<string, Price> =>
  new Map(happened.flatMap(({ event }) => (event.type === 'PriceListed' ? [[event.sku, event.price]] : [])));

async function appendEvents(sql: Sql, happened: readonly HappenedToOrder[]): Promise<void> {
  if (happened.length === 0) return;
  await sql.query(
    `INSERT INTO order_events (order_id, version, id, type, data, time, correlation_id, causation_id, traceparent)
     SELECT * FROM jsonb_to_recordset($1::jsonb) AS e(order_id uuid, version int, id uuid, type text, data jsonb,
            time timestamptz, correlation_id text, causation_id text, traceparent text)`,
    [JSON.stringify(happened.map(eventRowOf))],
  );
}

const eventRowOf = ({ id, event, state: { order }, cause }: HappenedToOrder) => ({
  order_id: event.orderId,
  version: order.version,
  id,
  type: event.type,
  data: event.data,
  time: cause.at,
  correlation_id: cause.correlationId,
  causation_id: cause.id,
  traceparent: cause.traceparent,
});
