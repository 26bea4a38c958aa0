import { z } from 'zod';
import { orderCounts, orderRow } from './orders.js';
import { instant } from './pieces.js';
import { story } from './story.js';

// GET /api/stream?channels=orders,order:{id}: Server-Sent Events. `id` of a frame is a position of the journal.

export const helloFrame = z.object({ position: z.string(), tickMs: z.int(), now: instant });
export type HelloFrame = z.output<typeof helloFrame>;

/** Orders that changed; the last state of each. */
export const ordersFrame = z.object({
  up: z.array(orderRow),
  counts: orderCounts,
  more: z.int().describe('Rows of the journal that the next frames bring'),
  through: instant.describe('The journal has read every topic up to here'),
});
export type OrdersFrame = z.output<typeof ordersFrame>;

/** The open order, whole, whenever one of its events arrived. */
export const orderFrame = story;

/** The client must fetch anew, then goes on. */
export const resetFrame = z.object({ why: z.enum(['too_old']), position: z.string() });
export type ResetFrame = z.output<typeof resetFrame>;

/** By name of the SSE event. */
export const frames = { hello: helloFrame, orders: ordersFrame, order: orderFrame, reset: resetFrame } as const;
