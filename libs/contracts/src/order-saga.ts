import type { EventType, Service } from './events.js';

/** One step: when `on` is heard at `at`, that service may say one of `publishes`. */
export interface SagaStep {
  readonly on: EventType | 'POST /orders' | 'POST /orders/{id}/cancel' | 'the deadline' | 'PUT /products/{sku}';
  readonly at: Service;
  readonly publishes: readonly EventType[];
  /** The event whose effect this step takes back: a compensation. */
  readonly compensates?: EventType;
}

/**
 * The map of the choreography. It decides nothing at run time: subscriptions, types, diagram and tests are derived from it.
 * Orders alone decides an order's fate. Order holds only inside a partition, so each service takes its inputs in any order.
 */
export const orderSaga = [
  { on: 'POST /orders', at: 'orders', publishes: ['OrderPlaced'] },

  { on: 'OrderPlaced', at: 'inventory', publishes: ['StockReserved', 'StockRejected'] },
  // Payments charges when it has heard both, whichever comes last.
  { on: 'OrderPlaced', at: 'payments', publishes: [] },
  { on: 'StockReserved', at: 'payments', publishes: ['PaymentCaptured', 'PaymentDeclined'] },

  { on: 'PaymentCaptured', at: 'orders', publishes: ['OrderConfirmed'] },
  { on: 'StockRejected', at: 'orders', publishes: ['OrderCancelled'] },
  { on: 'PaymentDeclined', at: 'orders', publishes: ['OrderCancelled'] },
  { on: 'POST /orders/{id}/cancel', at: 'orders', publishes: ['OrderCancelled'] },
  { on: 'the deadline', at: 'orders', publishes: ['OrderCancelled'] },

  { on: 'OrderConfirmed', at: 'inventory', publishes: ['StockCommitted'] },
  { on: 'OrderCancelled', at: 'inventory', publishes: ['StockReleased'], compensates: 'StockReserved' },
  {
    on: 'OrderCancelled',
    at: 'payments',
    publishes: ['PaymentRefunded', 'PaymentVoided'],
    compensates: 'PaymentCaptured',
  },

  { on: 'OrderConfirmed', at: 'notifications', publishes: ['NotificationSent', 'NotificationFailed'] },
  { on: 'OrderCancelled', at: 'notifications', publishes: ['NotificationSent', 'NotificationFailed'] },
  { on: 'PaymentRefunded', at: 'notifications', publishes: ['NotificationSent', 'NotificationFailed'] },

  // Beside the saga: orders keeps its own price list (event-carried state transfer).
  { on: 'PUT /products/{sku}', at: 'inventory', publishes: ['ProductChanged'] },
  { on: 'ProductChanged', at: 'orders', publishes: [] },
] as const satisfies readonly SagaStep[];
