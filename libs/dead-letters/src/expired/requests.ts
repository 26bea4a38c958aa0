import { pageQuery, text } from '@orderflow/http';
import { z } from 'zod';

export const rangeId = z.string().regex(/^[1-9]\d{0,17}$/, { error: 'must be the id of a range, such as 3' });

export const rangesQuery = pageQuery.extend({
  after: rangeId.exactOptional(),
  acknowledged: z
    .enum(['true', 'false'])
    .exactOptional()
    .describe('By default those that an operator has acknowledged, and the others'),
});

export type RangesQuery = z.output<typeof rangesQuery>;

export const acknowledgeBody = z
  .strictObject({ reason: text(500).describe('What was done about it') })
  .meta({ id: 'AcknowledgeExpiredRange' });

export type AcknowledgeBody = z.output<typeof acknowledgeBody>;
