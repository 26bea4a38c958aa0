import { currencyCode, emailAddress, pageQuery, text } from '@orderflow/http';
import { z } from 'zod';
import type { OrderCursor } from '../domain/order-reader.js';

const customerId = z
  .string()
  .regex(/^[A-Za-z0-9._:-]{1,64}$/, { error: 'must be 1 to 64 letters, digits or any of . _ : -' });

const line = z.strictObject({
  sku: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, { error: 'must be 1 to 64 letters, digits or any of . _ -' }),
  quantity: z.int().min(1).max(10_000),
});

const lines = z
  .array(line)
  .min(1)
  .max(100)
  .superRefine((all, context) => {
    const seen = new Set<string>();
    for (const [index, { sku }] of all.entries()) {
      if (seen.has(sku)) context.addIssue({ code: 'custom', path: [index, 'sku'], message: 'duplicate SKU' });
      seen.add(sku);
    }
  });

export const placeOrderBody = z
  .strictObject({
    customerId,
    email: emailAddress,
    currency: currencyCode.default('EUR').describe('ISO 4217; every line must be sold in it'),
    lines,
    paymentToken: z.string().regex(/^[A-Za-z0-9_]{1,64}$/, { error: 'must be 1 to 64 letters, digits or _' }),
  })
  .meta({ id: 'PlaceOrder' });

export type PlaceOrderBody = z.output<typeof placeOrderBody>;

export const findQuery = z.strictObject({
  minVersion: z
    .string()
    .regex(/^\d{1,9}$/, { error: 'must be a version of the order, such as 1' })
    .transform(Number)
    .default(0)
    .describe('Wait for at most a second until the view has this version'),
});

export type FindQuery = z.output<typeof findQuery>;

const cursor = text(200).transform((value, context): OrderCursor => {
  const [at = '', orderId = ''] = Buffer.from(value, 'base64url').toString().split(' ');
  // Cursors of this API only: a year that PostgreSQL cannot represent must not reach it.
  if (z.iso.datetime().safeParse(at).success && at.startsWith('2') && z.guid().safeParse(orderId).success) {
    return { placedAt: new Date(at), orderId };
  }
  context.addIssue({ code: 'custom', message: 'must be the `next` of an earlier page' });
  return z.NEVER;
});

/** The value of `after` for the page that follows this order. */
export const cursorOf = ({ placedAt, orderId }: OrderCursor): string =>
  Buffer.from(`${placedAt.toISOString()} ${orderId}`).toString('base64url');

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
