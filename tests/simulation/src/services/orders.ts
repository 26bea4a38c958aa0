import { StatesByKey } from '@orderflow/decider';
import { type RecordedEvent, projection, type Repository } from '@orderflow/durable';
import { orderIdsOf, OrderWorkingSet, skusOf } from '../../../../apps/orders/src/domain/order-working-set.js';
import {
  type OrderView,
  unseenOrder,
  type Viewed,
  viewDecider,
} from '../../../../apps/orders/src/domain/order-view.js';
import type { KnownOrder, OrderCommand, OrderContext, OrderEvent } from '../../../../apps/orders/src/domain/order.js';
import { decide } from '../../../../apps/orders/src/domain/decide.js';
import { evolve } from '../../../../apps/orders/src/domain/evolve.js';
import type { Price, PriceListed } from '../../../../apps/orders/src/domain/price-list.js';
import { effectsOf, onDeadline, reactions, viewReactions } from '../../../../apps/orders/src/saga.js';
import { Table } from '../memory/database.js';
import type { Tx } from '../memory/sessions.js';
import type { Options } from './options.js';
import { save } from './rows.js';

export const DEADLINE_SECONDS = 60;

type Said = OrderEvent | PriceListed;

export class OrdersInMemory implements Repository<OrderContext, OrderCommand, Said, OrderWorkingSet, Tx> {
  readonly orders = new Table<KnownOrder & { readonly orderId: string }>('orders');
  readonly events = new Table<OrderEvent>('order_events');
  readonly prices = new Table<Price>('price_list');

  async load(tx: Tx, commands: readonly OrderCommand[]): Promise<OrderWorkingSet> {
    const [orders, prices] = await Promise.all([
      tx.statement('lock orders', (view) => view.lock(this.orders, commands.flatMap(orderIdsOf))),
      tx.statement('read prices', (view) =>
        commands.flatMap(skusOf).flatMap((sku) => {
          const price = view.get(this.prices, sku);
          return price ? [[sku, price] as const] : [];
        }),
      ),
    ]);
    return new OrderWorkingSet(new Map(orders.map((order) => [order.orderId, order])), new Map(prices));
  }

  async save(tx: Tx, _loaded: OrderWorkingSet, happened: readonly RecordedEvent<Said, OrderContext>[]): Promise<void> {
    const toOrders = happened.flatMap(({ event, state: { order } }) =>
      event.type === 'PriceListed' || order.status === 'none' ? [] : [{ event, order, orderId: event.orderId }],
    );
    if (toOrders.length === 0) return;
    const events = toOrders.map(({ event, order, orderId }) => [`${orderId}/${order.version}`, event] as const);
    await Promise.all([
      // The key lets only one member say what comes next of an order.
      tx.statement('append events', (view) => view.insert(this.events, new Map(events))),
      save(
        tx,
        this.orders,
        toOrders.map(({ orderId, order }) => [orderId, { ...order, orderId }]),
      ),
    ]);
  }
}

/** The views that a batch works on, and those of them that have a row. */
class LoadedViews extends StatesByKey<OrderView, Viewed> {
  constructor(readonly found: ReadonlyMap<string, OrderView>) {
    super(
      found,
      ({ subject }) => subject,
      () => unseenOrder,
    );
  }
}

export class ViewsInMemory implements Repository<OrderView, Viewed, Viewed, LoadedViews, Tx> {
  readonly views = new Table<OrderView & { readonly orderId: string }>('order_views');

  async load(tx: Tx, events: readonly Viewed[]): Promise<LoadedViews> {
    const ids = events.map(({ subject }) => subject);
    const rows = await tx.statement('lock views', (view) => view.lock(this.views, ids));
    return new LoadedViews(new Map(rows.map((row) => [row.orderId, row])));
  }

  async save(tx: Tx, loaded: LoadedViews): Promise<void> {
    const rows = loaded.changed().map(([orderId, view]) => [orderId, { ...view, orderId }] as const);
    const fresh = rows.filter(([orderId]) => !loaded.found.has(orderId));
    const known = rows.filter(([orderId]) => loaded.found.has(orderId));
    await Promise.all([
      ...(fresh.length > 0 ? [tx.statement('insert views', (view) => view.insert(this.views, new Map(fresh)))] : []),
      save(tx, this.views, known),
    ]);
  }
}

const viewsOf = (repository: ViewsInMemory) =>
  projection<OrderView, Viewed, Viewed, LoadedViews, Tx>(
    { service: 'orders', consumer: 'orders.views', decider: viewDecider, repository },
    viewReactions,
  );

/** @param views left out where a run does without the read model */
export const orders = (
  repository: OrdersInMemory,
  views: ViewsInMemory | undefined,
): Options<'orders', OrderContext, OrderCommand, Said, OrderWorkingSet> => ({
  handling: {
    service: 'orders',
    consumer: 'orders',
    decider: { decide, evolve },
    repository,
    effects: effectsOf(DEADLINE_SECONDS),
  },
  reactions,
  onDeadline,
  projections: views ? [viewsOf(views)] : [],
});
