import { instant, pageQuery, text, UUID } from '@orderflow/http';
import { readHeard } from '@orderflow/order-view';
import { cancelReason, trouble } from '@orderflow/console-api';
import { z } from 'zod';
import type { ListCursor } from '../domain/journal.js';
import type { Channels } from './live/live.js';

const heard = z.string().transform((value, context) => {
  const read = readHeard(value);
  if (read !== undefined) return read;
  context.addIssue({ code: 'custom', message: 'must be a version vector, such as orders:2,inventory:1' });
  return z.NEVER;
});

export const pointQuery = z
  .strictObject({
    at: instant.exactOptional().describe("The events that the broker had appended by then, by the broker's clock"),
    heard: heard.exactOptional().describe('Exactly these events: the last sequence of each source'),
  })
  .refine(({ at, heard }) => at === undefined || heard === undefined, {
    error: 'has either at or heard',
    path: ['heard'],
  });
export type PointQuery = z.output<typeof pointQuery>;

export const diffQuery = z
  .strictObject({ from: instant, to: instant })
  .refine(({ from, to }) => from <= to, { error: 'must not be before from', path: ['to'] });
export type DiffQuery = z.output<typeof diffQuery>;

// Thirteen digits: the milliseconds of every day from 2001 to 2286, which PostgreSQL can represent.
const cursor = z
  .string()
  .regex(new RegExp(`^[1-9]\\d{12}~${UUID}$`), { error: 'must be the `next` of an earlier page' })
  .transform((value): ListCursor => {
    const [at, orderId] = value.split('~') as [string, string];
    return { placedAt: new Date(Number(at)), orderId };
  });

export const cursorOf = ({ placedAt, orderId }: ListCursor): string => `${placedAt.getTime()}~${orderId}`;

export const listQuery = pageQuery.extend({
  after: cursor.exactOptional(),
  status: z.enum(['placed', 'confirmed', 'cancelled']).exactOptional(),
  settled: z
    .enum(['true', 'false'])
    .transform((value) => value === 'true')
    .exactOptional(),
  reason: cancelReason.exactOptional().describe('Of cancelled orders'),
  trouble: trouble
    .exactOptional()
    .describe('overdue: not settled 30 s after the deadline. parked, dead: as the services say now. any: one of these'),
  customerId: text(64).exactOptional(),
  sku: text(64).exactOptional(),
  at: instant.exactOptional(),
});
export type ListQuery = z.output<typeof listQuery>;

export const countsQuery = z.strictObject({ at: instant.exactOptional() });
export type CountsQuery = z.output<typeof countsQuery>;

export const searchQuery = z.strictObject({ q: text(256).describe('The whole text, upper and lower case as it is') });
export type SearchQuery = z.output<typeof searchQuery>;

const MOST_ORDERS = 10;
const ORDER = new RegExp(`^order:(${UUID})$`, 'i');

const channels = z.string().transform((text, context): Channels => {
  const names = text.split(',');
  const order = names.flatMap((name) => ORDER.exec(name)?.[1]?.toLowerCase() ?? []);
  const isKnown = names.every((name) => name === 'orders' || ORDER.test(name));
  if (isKnown && order.length <= MOST_ORDERS) return { orders: names.includes('orders'), order };
  context.addIssue({ code: 'custom', message: `must list orders and up to ${MOST_ORDERS} order:{id}` });
  return z.NEVER;
});

export const streamQuery = z.strictObject({ channels });
export type StreamQuery = z.output<typeof streamQuery>;
