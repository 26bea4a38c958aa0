import type { EventType, Service } from './events.js';

/** One step: when `on` is heard at `at`, that service may say one of `says`. */
export interface SagaStep {
  readonly on: EventType | 'POST /orders' | 'POST /orders/{id}/cancel' | 'the deadline' | 'PUT /products/{sku}';
  readonly at: Service;
  readonly says: readonly EventType[];
  /** The event whose effect this step takes back: a compensation. */
  readonly undoes?: EventType;
}

/**
 * The map of the choreography. It decides nothing at run time: subscriptions, types, diagram and tests are derived from it.
 * Orders alone decides an order's fate. Order holds only inside a partition, so each service takes its inputs in any order.
 */
export const orderSaga = [
  { on: 'POST /orders', at: 'orders', says: ['OrderPlaced'] },

  { on: 'OrderPlaced', at: 'inventory', says: ['StockReserved', 'StockRejected'] },
  // Payments charges when it has heard both, whichever comes last.
  { on: 'OrderPlaced', at: 'payments', says: [] },
  { on: 'StockReserved', at: 'payments', says: ['PaymentCaptured', 'PaymentDeclined'] },

  { on: 'PaymentCaptured', at: 'orders', says: ['OrderConfirmed'] },
  { on: 'StockRejected', at: 'orders', says: ['OrderCancelled'] },
  { on: 'PaymentDeclined', at: 'orders', says: ['OrderCancelled'] },
  { on: 'POST /orders/{id}/cancel', at: 'orders', says: ['OrderCancelled'] },
  { on: 'the deadline', at: 'orders', says: ['OrderCancelled'] },

  { on: 'OrderConfirmed', at: 'inventory', says: ['StockCommitted'] },
  { on: 'OrderCancelled', at: 'inventory', says: ['StockReleased'], undoes: 'StockReserved' },
  { on: 'OrderCancelled', at: 'payments', says: ['PaymentRefunded', 'PaymentVoided'], undoes: 'PaymentCaptured' },

  { on: 'OrderConfirmed', at: 'notifications', says: ['NotificationSent', 'NotificationFailed'] },
  { on: 'OrderCancelled', at: 'notifications', says: ['NotificationSent', 'NotificationFailed'] },
  { on: 'PaymentRefunded', at: 'notifications', says: ['NotificationSent', 'NotificationFailed'] },

  // Beside the saga: orders keeps its own price list (event-carried state transfer).
  { on: 'PUT /products/{sku}', at: 'inventory', says: ['ProductChanged'] },
  { on: 'ProductChanged', at: 'orders', says: [] },
] as const satisfies readonly SagaStep[];
