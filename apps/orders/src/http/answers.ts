import { pageSchema } from '@orderflow/http';
import { z } from 'zod';
import type { HistoryEvent, OrderAt, ShownOrder } from '../domain/order-reader.js';
import type { KnownOrder } from '../domain/order.js';

const status = z.enum(['placed', 'confirmed', 'cancelled']);

export const placedOrder = z
  .object({
    orderId: z.uuid(),
    status: z.literal('placed'),
    version: z.literal(1),
    totalMinor: z.int().describe('Minor units of the currency'),
    currency: z.string(),
  })
  .meta({ id: 'PlacedOrder' });

export type PlacedOrder = z.output<typeof placedOrder>;

/** The same for a repeated request, regardless of the order's current status. */
export const placedOrderOf = (orderId: string, { totalMinor, currency }: KnownOrder): PlacedOrder => ({
  orderId,
  status: 'placed',
  version: 1,
  totalMinor,
  currency,
});

export const cancelledOrder = z.object({ orderId: z.uuid(), status, version: z.int() }).meta({ id: 'CancelledOrder' });

export type CancelledOrder = z.output<typeof cancelledOrder>;

export const orderAnswer = z
  .object({
    orderId: z.uuid(),
    customerId: z.string(),
    status,
    cancelReason: z
      .enum(['out_of_stock', 'payment_declined', 'customer_request', 'timed_out', 'unknown'])
      .exactOptional(),
    stock: z.enum(['pending', 'reserved', 'rejected', 'committed', 'released', 'none']),
    payment: z.enum(['pending', 'captured', 'declined', 'voided', 'refunded']),
    settled: z.boolean().describe('Confirmed or cancelled, and no service owes an answer'),
    version: z.int(),
    lines: z.array(z.object({ sku: z.string(), quantity: z.int(), unitPriceMinor: z.int() })),
    totalMinor: z.int(),
    currency: z.string(),
    placedAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
    traceId: z.string(),
  })
  .meta({ id: 'Order' });

export type OrderAnswer = z.output<typeof orderAnswer>;

export const orderAnswerOf = (order: ShownOrder): OrderAnswer => ({
  ...order,
  lines: [...order.lines],
  placedAt: order.placedAt.toISOString(),
  updatedAt: order.updatedAt.toISOString(),
});

const { stock, payment, settled } = orderAnswer.shape;

export const orderAtAnswer = orderAnswer
  .extend({
    stock: stock.nullable(),
    payment: payment.nullable(),
    settled: settled.nullable(),
    asOf: z.object({
      at: z.iso.datetime(),
      complete: z.boolean().describe('False: orders does not know stock, payment and settled of then; they are null'),
    }),
  })
  .meta({ id: 'OrderAt' });

export type OrderAtAnswer = z.output<typeof orderAtAnswer>;

export function orderAtAnswerOf({ order, complete }: Extract<OrderAt, { complete: boolean }>, at: Date): OrderAtAnswer {
  const unknown = complete ? {} : { stock: null, payment: null, settled: null };
  return { ...orderAnswerOf(order), ...unknown, asOf: { at: at.toISOString(), complete } };
}

export const orderPage = pageSchema(orderAnswer).meta({ id: 'OrderPage' });

export const eventAnswer = z
  .object({
    id: z.uuid(),
    type: z.string(),
    version: z.int(),
    time: z.iso.datetime(),
    data: z.record(z.string(), z.unknown()).describe('Without e-mail address and payment token'),
    correlationId: z.string(),
    causationId: z.string(),
  })
  .meta({ id: 'OrderEvent' });

export type EventAnswer = z.output<typeof eventAnswer>;

export const eventAnswerOf = (event: HistoryEvent): EventAnswer => ({ ...event, time: event.time.toISOString() });

export const eventPage = pageSchema(eventAnswer).meta({ id: 'OrderEventPage' });
