import type { Event } from '@orderflow/contracts';
import type { ViewedType } from '../domain/order-view.js';

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
