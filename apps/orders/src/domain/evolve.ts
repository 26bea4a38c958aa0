import { assertNever } from '@orderflow/decider';
import { fingerprintOf, type KnownOrder, type OrderContext, type OrderEvent, type OrderState } from './order.js';
import type { PriceListed } from './price-list.js';

/** @returns order and price list after an event that `decide` returned */
export function evolve(context: OrderContext, event: OrderEvent | PriceListed): OrderContext {
  if (event.type !== 'PriceListed') return { ...context, order: evolveOrder(context.order, event) };
  return { ...context, prices: new Map(context.prices).set(event.sku, event.price) };
}

/** @returns one order after its next event. @throws Error when the history does not begin with `OrderPlaced` */
export function evolveOrder(order: OrderState, event: OrderEvent): KnownOrder {
  if (event.type === 'OrderPlaced') {
    const { email, totalMinor, currency } = event.data;
    return { status: 'placed', version: 1, email, totalMinor, currency, fingerprint: fingerprintOf(event.data) };
  }
  if (order.status === 'none') throw new Error(`${event.type} of ${event.orderId} comes before OrderPlaced`);
  const next = { ...order, version: order.version + 1 };
  switch (event.type) {
    case 'OrderConfirmed':
      return { ...next, status: 'confirmed' };
    case 'OrderCancelled':
      return { ...next, status: 'cancelled', reason: event.data.reason };
    default:
      return assertNever(event);
  }
}
