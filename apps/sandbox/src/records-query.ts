import { pageQuery, text } from '@orderflow/http';
import { z } from 'zod';

/** The query of the ledger and of the mailbox: records of one order, or all, in the order of their `seq`. */
export const recordsQuery = pageQuery.extend({
  orderId: text(64).optional(),
  after: z
    .string()
    .regex(/^\d{1,18}$/, { error: 'must be the `next` of an earlier page' })
    .optional(),
});

export type RecordsQuery = z.output<typeof recordsQuery>;
