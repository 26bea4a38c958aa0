import { services } from '@orderflow/contracts';
import { z } from 'zod';

export const service = z.enum(services);

/** Last `sequence` of each source that an answer contains. */
export const heard = z.record(service, z.int()).meta({ id: 'Heard' });

export const instant = z.iso.datetime();

/** The part of the log that an answer rests on. */
export const asOf = z
  .object({
    at: instant.describe('The answer is the fold of the events that the broker had appended by then'),
    through: instant.describe('The journal has read every topic up to here'),
    complete: z.boolean().describe('Whether it has read all that was appended up to `at`'),
    position: z.string().describe('Of the last journal row that the journal had written'),
    heard,
  })
  .meta({ id: 'AsOf' });
export type AsOf = z.output<typeof asOf>;

/** A page of a list. `next` is the `after` of the page that follows, null on the last one. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next: z.string().nullable() });
