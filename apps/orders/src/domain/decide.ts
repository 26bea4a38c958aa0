import { assertNever, BrokenRule } from '@orderflow/decider';
import { isRequestOf, type OrderCommand, type OrderContext, type OrderEvent, type OrderState } from './order.js';
import { listPrice, priceLines, type PriceList, type PriceListed, TotalDiffers, totalOf } from './price-list.js';

type Command<Type extends OrderCommand['type']> = Extract<OrderCommand, { type: Type }>;

export class UnknownOrder extends BrokenRule {
  constructor(orderId: string) {
    super(`there is no order ${orderId}`, 'unknown-order');
  }
}

export class IdempotencyKeyReused extends BrokenRule {
  constructor() {
    super('this idempotency key was used for another order', 'idempotency-key-reused');
  }
}

/** @returns the events that follow from a command; `[]` for a duplicate, or for an order that is over. @throws BrokenRule */
export function decide(command: OrderCommand, { order, prices }: OrderContext): readonly (OrderEvent | PriceListed)[] {
  switch (command.type) {
    case 'PlaceOrder':
      return place(command, order, prices);
    case 'ConfirmOrder':
      return confirm(command, order);
    case 'CancelOrder':
      return cancel(command, order);
    case 'RequestCancel':
      return requestCancel(command, order);
    case 'ListPrice':
      return listPrice(command, prices);
    default:
      return assertNever(command);
  }
}

function place(command: Command<'PlaceOrder'>, order: OrderState, prices: PriceList): OrderEvent[] {
  if (order.status !== 'none') {
    // guard: orders: the same Idempotency-Key with another body is refused
    if (isRequestOf(order, command)) return [];
    throw new IdempotencyKeyReused();
  }
  const { orderId, customerId, email, currency, expectedTotalMinor = null } = command;
  const { paymentToken, paymentTokenDigest } = command;
  const lines = priceLines(command.lines, currency, prices);
  const totalMinor = totalOf(lines, command.mostTotalMinor);
  // guard: orders: no customer pays another total than the one that the request names
  if (expectedTotalMinor !== null && expectedTotalMinor !== totalMinor)
    throw new TotalDiffers(expectedTotalMinor, totalMinor);
  const token = { paymentToken, paymentTokenDigest };
  const data = { customerId, email, currency, lines, totalMinor, ...token, expectedTotalMinor };
  return [{ type: 'OrderPlaced', orderId, data }];
}

function confirm({ orderId }: Command<'ConfirmOrder'>, order: OrderState): OrderEvent[] {
  if (order.status === 'none') throw new UnknownOrder(orderId);
  // Too late for a cancelled order: payments consumes OrderCancelled and refunds.
  if (order.status !== 'placed') return [];
  const { email, totalMinor, currency } = order;
  return [{ type: 'OrderConfirmed', orderId, data: { email, totalMinor, currency } }];
}

function cancel({ orderId, reason }: Command<'CancelOrder'>, order: OrderState): OrderEvent[] {
  if (order.status === 'none') throw new UnknownOrder(orderId);
  // guard: orders: the first of confirmation and cancellation wins
  if (order.status !== 'placed') return [];
  return [{ type: 'OrderCancelled', orderId, data: { email: order.email, reason } }];
}

function requestCancel({ orderId }: Command<'RequestCancel'>, order: OrderState): OrderEvent[] {
  if (order.status === 'none') throw new UnknownOrder(orderId);
  if (order.status !== 'placed') throw new BrokenRule(`the order is already ${order.status}`, 'order-over');
  return [{ type: 'OrderCancelled', orderId, data: { email: order.email, reason: 'customer_request' } }];
}
