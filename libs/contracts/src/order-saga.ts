import type { EventType, Service } from './events.js';

/** One step of the saga: once it is triggered, the service `at` publishes one of `publishes`. */
export type SagaStep = Trigger & {
  readonly at: Service;
  readonly publishes: readonly EventType[];
  /** When one of `publishes` must follow. Left out: the step may publish nothing. */
  readonly owed?: 'always' | { readonly unless: EventType } | { readonly if: EventType };
  /** The event whose effect this step undoes. */
  readonly compensates?: EventType;
};

type Trigger =
  | { readonly trigger: 'POST /orders' | 'POST /orders/{id}/cancel' | 'the deadline' | 'PUT /products/{sku}' }
  | { readonly on: EventType }
  /** A join: all of these events, in any order. */
  | { readonly needs: readonly EventType[] };

/**
 * The saga, a choreography: no coordinator, each service reacts to the events of the others (schemas/<owner>/<event>).
 * Subscriptions, types, diagram and tests are derived from this table.
 * Events of different topics overtake each other, so each service accepts its events in any order and more than once.
 */
// prettier-ignore
export const orderSaga = [
  // The order is placed, its stock reserved, its payment captured. Orders alone confirms or cancels.
  { trigger: 'POST /orders', at: 'orders', publishes: ['OrderPlaced'], owed: 'always' },
  { on: 'OrderPlaced', at: 'inventory', publishes: ['StockReserved', 'StockRejected'], owed: 'always' },
  { needs: ['OrderPlaced', 'StockReserved'], at: 'payments', publishes: ['PaymentCaptured', 'PaymentDeclined'], owed: { unless: 'OrderCancelled' } },
  { on: 'PaymentCaptured', at: 'orders', publishes: ['OrderConfirmed'], owed: { unless: 'OrderCancelled' } },
  { on: 'OrderConfirmed', at: 'inventory', publishes: ['StockCommitted'], owed: 'always' },
  { on: 'OrderConfirmed', at: 'notifications', publishes: ['NotificationSent', 'NotificationFailed'], owed: 'always' },
  // Or it is cancelled, and each service undoes its own part.
  { on: 'StockRejected', at: 'orders', publishes: ['OrderCancelled'], owed: 'always' },
  { on: 'PaymentDeclined', at: 'orders', publishes: ['OrderCancelled'], owed: 'always' },
  { trigger: 'POST /orders/{id}/cancel', at: 'orders', publishes: ['OrderCancelled'] },
  { trigger: 'the deadline', at: 'orders', publishes: ['OrderCancelled'] },
  { on: 'OrderCancelled', at: 'inventory', publishes: ['StockReleased'], owed: { if: 'StockReserved' }, compensates: 'StockReserved' },
  { on: 'OrderCancelled', at: 'payments', publishes: ['PaymentRefunded', 'PaymentVoided'], owed: { unless: 'PaymentDeclined' }, compensates: 'PaymentCaptured' },
  { on: 'OrderCancelled', at: 'notifications', publishes: ['NotificationSent', 'NotificationFailed'], owed: 'always' },
  { on: 'PaymentRefunded', at: 'notifications', publishes: ['NotificationSent', 'NotificationFailed'], owed: 'always' },
  // Beside the saga, orders keeps its own price list (event-carried state transfer).
  { trigger: 'PUT /products/{sku}', at: 'inventory', publishes: ['ProductChanged'] },
  { on: 'ProductChanged', at: 'orders', publishes: [] },
] as const satisfies readonly SagaStep[];
