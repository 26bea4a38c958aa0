import { bounds, CUSTOMER_ID, CUSTOMER_ID_RULE, services } from '@orderflow/contracts';
import { currencyCode, emailAddress, instant, lastEventId, pageQuery, sku, UUID, wholeNumber } from '@orderflow/http';
import { z } from 'zod';
import type { OrderCursor } from '../domain/order-reader.js';

const customerId = z.string().regex(CUSTOMER_ID, { error: CUSTOMER_ID_RULE });

const line = z.strictObject({ sku, quantity: z.int().min(1).max(bounds.quantity) });

const lines = z.array(line).min(1).max(bounds.lines).describe('A SKU may stand in several lines');

export const placeOrderBody = z
  .strictObject({
    customerId: customerId
      .exactOptional()
      .describe('With a token of a customer that one, and may be left out; required otherwise'),
    email: emailAddress,
    currency: currencyCode.default('EUR').describe('ISO 4217; every line must be sold in it'),
    lines,
    paymentToken: z.string().regex(/^[A-Za-z0-9_]{1,64}$/, { error: 'must be 1 to 64 letters, digits or _' }),
    expectedTotalMinor: z
      .int()
      .min(0)
      .exactOptional()
      .describe(
        'The total that the customer saw, in minor units: when the order would cost another one, it is refused',
      ),
  })
  // In the document it is required: so every caller may take it, with a token or without.
  .meta({ id: 'PlaceOrder', required: ['customerId', 'email', 'lines', 'paymentToken'] });

export type PlaceOrderBody = z.output<typeof placeOrderBody>;

export const findQuery = z.strictObject({
  minVersion: wholeNumber(0, 999_999_999)
    .default(0)
    .describe('Wait for at most a second until the view has this version'),
  at: instant
    .exactOptional()
    .describe('The order as it was then, by the clock of orders; read from the write side, which has every version'),
});

export type FindQuery = z.output<typeof findQuery>;

export const LastEventId = lastEventId(
  new RegExp(`^${services.map((name) => String.raw`${name}:\d{1,9}`).join(',')}$`),
  'must be the id of an event of this stream',
);

// Thirteen digits: the milliseconds of every day from 2001 to 2286, which PostgreSQL can represent.
const cursor = z
  .string()
  .regex(new RegExp(`^[1-9]\\d{12}~${UUID}$`), { error: 'must be the `next` of an earlier page' })
  .transform((value): OrderCursor => {
    const [at, orderId] = value.split('~') as [string, string];
    return { placedAt: new Date(Number(at)), orderId };
  });

/** The value of `after` for the page that follows this order. */
export const cursorOf = ({ placedAt, orderId }: OrderCursor): string => `${placedAt.getTime()}~${orderId}`;

export const listQuery = pageQuery.extend({
  after: cursor.exactOptional(),
  status: z.enum(['placed', 'confirmed', 'cancelled']).exactOptional(),
  customerId: customerId.exactOptional(),
  settled: z
    .enum(['true', 'false'])
    .transform((value) => value === 'true')
    .exactOptional(),
});

export type ListQuery = z.output<typeof listQuery>;
