import { type Event, type EventBody, type EventData, type ReactionsOf, writtenPrice } from '@orderflow/contracts';
import { assertNever, type Effect } from '@orderflow/decider';
import { type PricedLine, pricedLine, type ViewedType } from '@orderflow/order-view';
import type { CancelOrder, OrderCommand, OrderContext, OrderEvent } from './domain/order.js';
import type { PriceListed } from './domain/price-list.js';

/** Events that orders consumes, each as a command. */
export const reactions = {
  PaymentCaptured: ({ subject }) => ({ type: 'ConfirmOrder', orderId: subject }),
  StockRejected: ({ subject }) => ({ type: 'CancelOrder', orderId: subject, reason: 'out_of_stock' }),
  PaymentDeclined: ({ subject }) => ({ type: 'CancelOrder', orderId: subject, reason: 'payment_declined' }),
  ProductChanged: ({ subject, sequence, data: { priceMinor, largePriceMinor, currency } }) => ({
    type: 'ListPrice',
    sku: subject,
    price: { priceMinor: largePriceMinor ?? priceMinor, currency, sequence },
  }),
} satisfies ReactionsOf<'orders', OrderCommand>;

/** The command of an order whose deadline passed. */
export const onDeadline = (orderId: string): CancelOrder => ({ type: 'CancelOrder', orderId, reason: 'timed_out' });

type WrittenLine = EventData['OrderPlaced']['lines'][number];

const writtenLine = ({ sku, quantity, unitPriceMinor }: PricedLine): WrittenLine => {
  const { int, large } = writtenPrice(unitPriceMinor);
  return { sku, quantity, unitPriceMinor: int, largeUnitPriceMinor: large };
};

/** An event as it is published. */
export function written({ orderId: _subject, ...event }: OrderEvent): EventBody {
  if (event.type !== 'OrderPlaced') return event;
  return { ...event, data: { ...event.data, lines: event.data.lines.map(writtenLine) } };
}

const view = <E>(event: E): E => event;

/** The read model consumes every event about an order. */
export const viewReactions = {
  OrderPlaced: (event) => ({ ...event, data: { ...event.data, lines: event.data.lines.map(pricedLine) } }),
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

/** The effects of an event that was decided: it is published, and the deadline of the order is set or cleared. */
export const effectsOf =
  (deadlineSeconds: number) =>
  (event: OrderEvent | PriceListed, { order }: OrderContext): Effect[] => {
    if (event.type === 'PriceListed') return [];
    const { orderId } = event;
    const publish: Effect = { publish: written(event), subject: orderId, sequence: order.version };
    switch (event.type) {
      case 'OrderPlaced':
        return [publish, { deadline: { subject: orderId, inSeconds: deadlineSeconds } }];
      case 'OrderConfirmed':
        return [publish, { clearDeadline: orderId }, { ending: 'confirmed', wantTrace: false }];
      case 'OrderCancelled':
        return [publish, { clearDeadline: orderId }, { ending: event.data.reason, wantTrace: true }];
      default:
        return assertNever(event);
    }
  };
