import type { ConsumerDefinition, RecordedEvent, Repository, ServiceDefinition } from '@orderflow/durable';
import { orderOf, type ViewTypes, ViewWorkingSet } from '../../../../apps/orders/src/domain/order-view-working-set.js';
import { type OrderView, type Viewed, viewDecider } from '@orderflow/order-view';
import {
  orderIdsOf,
  type OrderTypes,
  OrderWorkingSet,
  skusOf,
} from '../../../../apps/orders/src/domain/order-working-set.js';
import {
  type KnownOrder,
  type OrderCommand,
  type OrderContext,
  type OrderEvent,
} from '../../../../apps/orders/src/domain/order.js';
import { decide } from '../../../../apps/orders/src/domain/decide.js';
import { evolve } from '../../../../apps/orders/src/domain/evolve.js';
import type { Price, PriceListed } from '../../../../apps/orders/src/domain/price-list.js';
import { takeBack } from '../../../../apps/orders/src/recovery.js';
import { effectsOf, onDeadline, reactions, viewReactions } from '../../../../apps/orders/src/saga.js';
import { Table, type Tx } from '../memory/database.js';
import { save } from './rows.js';

export const DEADLINE_SECONDS = 60;

export class OrdersInMemory implements Repository<OrderTypes, Tx> {
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

  async save(
    tx: Tx,
    _loaded: OrderWorkingSet,
    recorded: readonly RecordedEvent<OrderEvent | PriceListed, OrderContext>[],
  ): Promise<void> {
    const ofOrders = recorded.flatMap(({ event, state: { order } }) =>
      event.type === 'PriceListed' || order.status === 'none' ? [] : [{ event, order, orderId: event.orderId }],
    );
    if (ofOrders.length === 0) return;
    const events = ofOrders.map(({ event, order, orderId }) => [`${orderId}/${order.version}`, event] as const);
    const orders = ofOrders.map(({ orderId, order }) => [orderId, { ...order, orderId }] as const);
    await Promise.all([
      // The unique key lets only one instance append an order's next event.
      tx.statement('append events', (view) => view.insert(this.events, new Map(events))),
      save(tx, this.orders, orders),
    ]);
  }
}

export class ViewsInMemory implements Repository<ViewTypes, Tx> {
  readonly views = new Table<OrderView & { readonly orderId: string }>('order_views');

  async load(tx: Tx, events: readonly Viewed[]): Promise<ViewWorkingSet> {
    const rows = await tx.statement('lock views', (view) => view.lock(this.views, events.map(orderOf)));
    return new ViewWorkingSet(new Map(rows.map((row) => [row.orderId, row])));
  }

  async save(tx: Tx, loaded: ViewWorkingSet): Promise<void> {
    const { fresh, known } = loaded.toSave();
    const rows = (views: typeof fresh) => views.map(([orderId, view]) => [orderId, { ...view, orderId }] as const);
    await Promise.all([
      fresh.length > 0 && tx.statement('insert views', (view) => view.insert(this.views, new Map(rows(fresh)))),
      save(tx, this.views, rows(known)),
    ]);
  }
}

const viewsOf = (repository: ViewsInMemory): ConsumerDefinition<ViewTypes, Tx> => ({
  service: 'orders',
  consumer: 'orders.views',
  decider: viewDecider,
  repository,
  reactions: viewReactions,
  inbox: false,
});

/** @param views undefined in runs without the read model */
export const orders = (
  repository: OrdersInMemory,
  views: ViewsInMemory | undefined,
): ServiceDefinition<OrderTypes, Tx> => ({
  service: 'orders',
  consumer: 'orders',
  decider: { decide, evolve },
  repository,
  reactions,
  takeBack,
  effects: effectsOf(DEADLINE_SECONDS),
  onDeadline,
  projections: views ? [viewsOf(views)] : [],
});
