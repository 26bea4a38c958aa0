import type { ServiceTypes, WorkingSet } from '@orderflow/decider';
import { noOrder, type OrderCommand, type OrderContext, type OrderEvent, type OrderState } from './order.js';
import type { PriceList, PriceListed } from './price-list.js';

export type OrderTypes = ServiceTypes<'orders', OrderContext, OrderCommand, OrderEvent | PriceListed, OrderWorkingSet>;

/** The orders and prices of a batch. */
export class OrderWorkingSet implements WorkingSet<OrderContext, OrderCommand> {
  private readonly orders: Map<string, OrderState>;

  constructor(
    orders: ReadonlyMap<string, OrderState>,
    private prices: PriceList,
  ) {
    this.orders = new Map(orders);
  }

  get(command: OrderCommand): OrderContext {
    const order = command.type === 'ListPrice' ? undefined : this.orders.get(command.orderId);
    return { order: order ?? noOrder, prices: this.prices };
  }

  set(command: OrderCommand, { order, prices }: OrderContext): void {
    this.prices = prices;
    if (command.type !== 'ListPrice') this.orders.set(command.orderId, order);
  }
}

export const orderIdsOf = (command: OrderCommand): string[] => (command.type === 'ListPrice' ? [] : [command.orderId]);

export function skusOf(command: OrderCommand): string[] {
  if (command.type === 'PlaceOrder') return command.lines.map(({ sku }) => sku);
  return command.type === 'ListPrice' ? [command.sku] : [];
}
