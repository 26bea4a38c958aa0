import { z } from 'zod';
import { asOf, heard, instant, pageOf, service } from './pieces.js';

export const orderStatus = z.enum(['placed', 'confirmed', 'cancelled']);
export const cancelReason = z.enum(['out_of_stock', 'payment_declined', 'customer_request', 'timed_out', 'unknown']);
export type CancelReason = z.output<typeof cancelReason>;

/** An order in a list. The fields of `OrderPlaced` are null while only later events of the order were read. */
export const orderRow = z
  .object({
    orderId: z.string(),
    status: orderStatus.nullable(),
    cancelReason: cancelReason.nullable(),
    stock: z.enum(['pending', 'reserved', 'rejected', 'committed', 'released', 'none']),
    payment: z.enum(['pending', 'captured', 'declined', 'voided', 'refunded']),
    settled: z.boolean().describe('Confirmed or cancelled, and no service owes an answer'),
    waitsFor: service.nullable().describe('The service that owes the oldest answer'),
    customerId: z.string().nullable(),
    totalMinor: z.int().nullable().describe('Minor units of the currency'),
    currency: z.string().nullable(),
    lineCount: z.int().nullable(),
    placedAt: instant.nullable().describe('When the broker appended OrderPlaced'),
    updatedAt: instant.describe('When the broker appended the last event'),
    settledAt: instant.nullable(),
    told: z.array(z.string()).describe('Types of its events in the order of the journal'),
    heard,
  })
  .meta({ id: 'OrderRow' });
export type OrderRow = z.output<typeof orderRow>;

export const orderPage = pageOf(orderRow).meta({ id: 'ConsoleOrderPage' });
export type OrderPage = z.output<typeof orderPage>;

/** How many orders there are of each kind; `MOST_COUNTED` stands for that many and more. */
export const MOST_COUNTED = 10_001;
export const orderCounts = z
  .object({ all: z.int(), underWay: z.int(), confirmed: z.int(), cancelled: z.int() })
  .meta({ id: 'OrderCounts' });
export type OrderCounts = z.output<typeof orderCounts>;

export const orderLine = z.object({ sku: z.string(), quantity: z.int(), unitPriceMinor: z.int() });

export const order = orderRow
  .extend({
    lines: z.array(orderLine),
    traceId: z.string().nullable(),
    sentence: z.string(),
    asOf,
  })
  .meta({ id: 'ConsoleOrder' });
export type Order = z.output<typeof order>;

export const change = z.object({
  field: z.enum(['status', 'cancelReason', 'stock', 'payment', 'settled', 'mails']),
  from: z.union([z.string(), z.int(), z.boolean()]).nullable(),
  to: z.union([z.string(), z.int(), z.boolean()]).nullable(),
});
export type Change = z.output<typeof change>;
