import {
  bounds,
  currencies,
  HIDDEN,
  isSku,
  readEmailAddress,
  refusalOfCurrency,
  SKU,
  SKU_RULE,
} from '@orderflow/contracts';
import { z } from 'zod';

const TEXT = new RegExp(`^[^\\s${HIDDEN}]([^${HIDDEN}]*[^\\s${HIDDEN}])?$`);
const TEXT_RULE = 'must have no control or invisible characters and no blank at its ends';

/** One line of readable text, 1 to `max` characters, without control and invisible characters and without blanks at its ends. */
export function text(max: number) {
  return z
    .string()
    .regex(TEXT, { error: TEXT_RULE })
    .refine((value) => value.length <= max || Array.from(value).length <= max, {
      error: `must have at most ${max} characters`,
    })
    .meta({ minLength: 1, maxLength: max });
}

/** A whole number from `min` to `max` in a query or a path. */
export function wholeNumber(min: number, max: number) {
  return z
    .string()
    .refine((value) => WHOLE.test(value) && Number(value) >= min && Number(value) <= max, {
      error: `must be a whole number from ${min} to ${max}`,
    })
    .transform(Number)
    .meta({ type: 'integer', minimum: min, maximum: max });
}

const WHOLE = /^(0|[1-9]\d{0,14})$/;

/** A UUID in lower case, as a part of a pattern. */
export const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';

/** A SKU; upper and lower case are different ones. In a path it is percent-encoded. */
export const sku = z
  .string()
  .refine(isSku, { error: SKU_RULE })
  .meta({ pattern: SKU.source, minLength: 1, maxLength: bounds.skuCharacters });

/** A UUID of any version in its usual form, lower-cased. For path parameters: `@Param('id', { schema: uuid })`. */
export const uuid = z.guid({ error: 'must be a UUID' }).transform((id) => id.toLowerCase());

/** A currency of ISO 4217 that is active and has a minor unit. */
export const currencyCode = z
  .string()
  .refine((code) => refusalOfCurrency(code) === undefined, { error: ({ input }) => refusalOfCurrency(String(input)) })
  .meta({ enum: [...currencies], description: 'ISO 4217: an active code that has a minor unit' });

const refusalOfAddress = (text: string): string | undefined => {
  const read = readEmailAddress(text);
  return 'refusal' in read ? read.refusal : undefined;
};

/** An e-mail address (`readEmailAddress`), with its domain in A-labels. */
export const emailAddress = z
  .string()
  .refine((text) => refusalOfAddress(text) === undefined, { error: ({ input }) => refusalOfAddress(String(input)) })
  .overwrite((text) => {
    const read = readEmailAddress(text);
    return 'refusal' in read ? text : read.address;
  })
  .meta({ format: 'idn-email', description: 'RFC 5321, ASCII before the "@"; the domain may be in Unicode' });
