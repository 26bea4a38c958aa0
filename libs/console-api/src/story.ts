import { z } from 'zod';
import { journalEvent, otherRecord } from './events.js';
import { change, order } from './orders.js';
import { asOf, service } from './pieces.js';

export const edge = z.object({
  from: z.string(),
  to: z.string(),
  kind: z
    .enum(['caused', 'needs', 'undoes'])
    .describe('Only `caused` is recorded; the others follow from the saga table'),
});

export const origin = z.object({
  event: z.string(),
  by: z.enum(['POST /orders', 'POST /orders/{id}/cancel', 'the deadline', 'unseen']),
});

export const owed = z.object({ service, oneOf: z.array(z.string()), because: z.array(z.string()) });

/** Everything that the page of an order shows, at one instant. */
export const story = z
  .object({
    order,
    events: z.array(journalEvent).describe('In the order in which they were appended'),
    others: z.array(otherRecord).describe('Records with the key of the order that are no events'),
    edges: z.array(edge),
    origins: z.array(origin),
    owed: z.array(owed).describe('The oldest first'),
    asOf,
  })
  .meta({ id: 'Story' });
export type Story = z.output<typeof story>;

export const orderDiff = z
  .object({ from: asOf, to: asOf, changes: z.array(change), events: z.array(journalEvent) })
  .meta({ id: 'OrderDiff' });
export type OrderDiff = z.output<typeof orderDiff>;
