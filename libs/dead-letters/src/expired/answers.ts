import { pageSchema } from '@orderflow/http';
import { z } from 'zod';
import type { ExpiredRange } from './expired-ranges.js';

export const rangeItem = z
  .object({
    id: z.string(),
    consumer: z.string(),
    topic: z.string(),
    partition: z.int(),
    first: z.string().describe('Offset of the first record that expired'),
    next: z.string().describe('Offset of the record with which the group went on'),
    records: z.int(),
    foundAt: z.iso.datetime(),
    acknowledgedAt: z.iso.datetime().nullable(),
    operator: z.string().nullable().describe('The header X-Operator of the request that acknowledged it'),
    reason: z.string().nullable(),
  })
  .meta({ id: 'ExpiredRange' });

export type ExpiredItem = z.output<typeof rangeItem>;

export const rangeItemOf = (range: ExpiredRange): ExpiredItem => ({
  ...range,
  records: Number(BigInt(range.next) - BigInt(range.first)),
  foundAt: range.foundAt.toISOString(),
  acknowledgedAt: range.acknowledgedAt?.toISOString() ?? null,
});

export const rangePage = pageSchema(rangeItem).meta({ id: 'ExpiredRangePage' });
