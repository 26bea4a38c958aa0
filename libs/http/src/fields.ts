import { z } from 'zod';

// Control characters and lone surrogates: PostgreSQL refuses NUL; the others corrupt logs and mail headers.
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;

/** One line of readable text, 1 to `max` UTF-16 units, without control characters and without leading or trailing blanks. */
export function text(max: number): z.ZodString {
  return z
    .string()
    .min(1)
    .max(max)
    .refine((value) => !UNPRINTABLE.test(value), { error: 'must not contain control characters' })
    .refine((value) => value === value.trim(), { error: 'must not begin or end with a blank' });
}

/** A UUID of any version in its usual form, lower-cased. For path parameters: `@Param('id', { schema: uuid })`. */
export const uuid = z.guid({ error: 'must be a UUID' }).transform((id) => id.toLowerCase());

/** An ISO 4217 code: three capital letters. */
export const currencyCode = z.string().regex(/^[A-Z]{3}$/, { error: 'must be three capital letters, such as EUR' });

/** An e-mail address of at most 254 characters. */
export const emailAddress = z.email({ error: 'must be an e-mail address' }).max(254);
