import type { Event, ReactionsOf } from '@orderflow/contracts';
import { assertNever, type MessageContext, type Effect } from '@orderflow/decider';
import type { ViewedType } from './domain/order-view.js';
import type { CancelOrder, OrderCommand, OrderContext, OrderEvent } from './domain/order.js';
import type { PriceListed } from './domain/price-list.js';

/** What orders does when it hears an event. */
export const reactions = {
  PaymentCaptured: ({ subject }) => ({ type: 'ConfirmOrder', orderId: subject }),
  StockRejected: ({ subject }) => ({ type: 'CancelOrder', orderId: subject, reason: 'out_of_stock' }),
  PaymentDeclined: ({ subject }) => ({ type: 'CancelOrder', orderId: subject, reason: 'payment_declined' }),
  ProductChanged: ({ subject, sequence, data: { priceMinor, currency } }) => ({
    type: 'ListPrice',
    sku: subject,
    price: { priceMinor, currency, sequence },
  }),
} satisfies ReactionsOf<'orders', OrderCommand>;

export const onDeadline = (orderId: string): CancelOrder => ({ type: 'CancelOrder', orderId, reason: 'timed_out' });

const view = <E>(event: E): E => event;

/** The read model hears everything that is said about an order. */
export const viewReactions = {
  OrderPlaced: view,
  OrderConfirmed: view,
  OrderCancelled: view,
  StockReserved: view,
  StockRejected: view,
  StockCommitted: view,
  StockReleased: view,
  PaymentCaptured: view,
  PaymentDeclined: view,
  PaymentVoided: view,
  PaymentRefunded: view,
  NotificationSent: view,
  NotificationFailed: view,
} satisfies { [Type in ViewedType]: (event: Event<Type>) => Event<Type> };

/** What an event calls for: to be said to the others, and a time by which the order must be over. */
export const effectsOf =
  (deadlineSeconds: number) =>
  (event: OrderEvent | PriceListed, { order }: OrderContext, context: MessageContext): Effect[] => {
    if (event.type === 'PriceListed') return [];
    const { orderId, ...said } = event;
    const publish: Effect = { publish: said, subject: orderId, sequence: order.version };
    switch (event.type) {
      case 'OrderPlaced':
        return [publish, { deadline: { subject: orderId, at: addSeconds(context.at, deadlineSeconds) } }];
      case 'OrderConfirmed':
        return [publish, { clearDeadline: orderId }, { ending: 'confirmed', wantTrace: false }];
      case 'OrderCancelled':
        return [publish, { clearDeadline: orderId }, { ending: event.data.reason, wantTrace: true }];
      default:
        return assertNever(event);
    }
  };

const addSeconds = (time: Date, seconds: number): Date => new Date(time.getTime() + seconds * 1000);
