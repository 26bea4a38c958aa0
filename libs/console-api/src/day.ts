import { z } from 'zod';
import { instant } from './pieces.js';

/** The longest and the shortest that a day may last: 65 orders in 65 minutes, and in less than a second. */
export const ordersPerMinute = z.number().min(1).max(6_000);

/** The rate at which a day lasts two minutes. */
export const USUAL_ORDERS_PER_MINUTE = 32.5;

export const dayRequest = z
  .strictObject({ ordersPerMinute: ordersPerMinute.default(USUAL_ORDERS_PER_MINUTE) })
  .meta({ id: 'DayRequest' });

/** A day at the shop: orders with the statistics of a real shop, placed one after another. */
export const day = z
  .object({
    state: z.enum(['off', 'none', 'under_way', 'stopped', 'over']).describe('`off`: this console has no examples'),
    startedAt: instant.nullable(),
    endedAt: instant.nullable(),
    ordersPerMinute: z.number().nullable(),
    orders: z.int().describe('Of the whole day'),
    accepted: z.int(),
    refused: z.int().describe('Not accepted within 10 s'),
    why: z.string().nullable().describe('The last refusal, in the words of the service'),
    popular: z.string().describe('The SKU in the most orders'),
    scarce: z.string().describe('The SKU of which there is enough for half of its orders alone'),
    biggest: z.object({ lines: z.int(), orderId: z.string().nullable() }).describe('The order with the most lines'),
  })
  .meta({ id: 'Day' });
export type Day = z.output<typeof day>;
