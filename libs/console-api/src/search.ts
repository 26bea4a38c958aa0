import { z } from 'zod';

export const searchHit = z
  .object({
    kind: z.enum(['order', 'customer', 'sku', 'charge', 'mail', 'trace', 'event', 'record']),
    id: z.string().describe('The text that was found'),
    title: z.string(),
    orderId: z.string().nullable(),
    eventId: z.string().nullable(),
  })
  .meta({ id: 'SearchHit' });
export type SearchHit = z.output<typeof searchHit>;

export const searchAnswer = z.object({ q: z.string(), hits: z.array(searchHit) }).meta({ id: 'SearchAnswer' });
export type SearchAnswer = z.output<typeof searchAnswer>;
