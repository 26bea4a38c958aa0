import type { Happened, Repository, Sql, WorkingSet } from '@orderflow/durable';
import {
  type KnownOrder,
  noOrder,
  type OrderCommand,
  type OrderDesk,
  type OrderEvent,
  type OrderState,
} from '../domain/order.js';
import type { Price, PriceListed, PriceList } from '../domain/price-list.js';
import { lockOrders, saveSnapshots } from './order-snapshots.js';
import { loadPrices, savePrices } from './prices.js';

type HappenedHere = Happened<OrderEvent | PriceListed, OrderDesk>;
type HappenedToOrder = Happened<OrderEvent, OrderDesk>;

/** The orders and the prices that a batch works on. */
export class OrderDesks implements WorkingSet<OrderDesk, OrderCommand> {
  private readonly orders: Map<string, OrderState>;

  constructor(
    orders: ReadonlyMap<string, OrderState>,
    private prices: PriceList,
  ) {
    this.orders = new Map(orders);
  }

  get(command: OrderCommand): OrderDesk {
    const order = command.type === 'ListPrice' ? undefined : this.orders.get(command.orderId);
    return { order: order ?? noOrder, prices: this.prices };
  }

  set(command: OrderCommand, { order, prices }: OrderDesk): void {
    this.prices = prices;
    if (command.type !== 'ListPrice') this.orders.set(command.orderId, order);
  }
}

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

const orderIdsOf = (command: OrderCommand): string[] => (command.type === 'ListPrice' ? [] : [command.orderId]);

function skusOf(command: OrderCommand): string[] {
  if (command.type === 'PlaceOrder') return command.lines.map(({ sku }) => sku);
  return command.type === 'ListPrice' ? [command.sku] : [];
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
