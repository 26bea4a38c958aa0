import { pageQuery, text } from '@orderflow/http';
import { z } from 'zod';

/** The idempotency key of a call. */
export const callKey = text(200);

export const callsQuery = pageQuery.extend({
  after: callKey.exactOptional(),
  orderId: text(256).exactOptional(),
  kind: text(100).exactOptional().describe('Such as charge, refund, mail'),
  state: z.enum(['retrying', 'waiting', 'dead']).exactOptional(),
});

export type CallsQuery = z.output<typeof callsQuery>;

export const settleBody = z
  .strictObject({
    as: text(100).describe('One of the choices of the call'),
    reason: text(500),
    reference: text(200).exactOptional().describe("The other side's id of what was done there, such as of a refund"),
  })
  .meta({ id: 'SettleCall' });

export type SettleBody = z.output<typeof settleBody>;
