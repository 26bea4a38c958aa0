import { confidentialFieldsOf, type Event } from '@orderflow/contracts';

// Every repetition is bounded, so that masking takes linear time.
const EMAIL = /([A-Za-z0-9])[A-Za-z0-9._%+-]{0,63}@([A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8})/g;

/** The data of an event without its confidential fields, with e-mail addresses masked (`a***@example.com`) at any depth. */
export function maskedData(event: Event): Record<string, unknown> {
  const hidden = new Set([...confidentialFieldsOf(event.type), 'paymentTokenDigest']);
  const shown = Object.entries(event.data).filter(([name]) => !hidden.has(name));
  return masked(Object.fromEntries(shown)) as Record<string, unknown>;
}

/** A text with e-mail addresses masked. */
export const maskedText = (text: string): string => text.replace(EMAIL, '$1***@$2');

/** Any JSON with e-mail addresses masked. */
export function masked(value: unknown): unknown {
  if (typeof value === 'string') return maskedText(value);
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, masked(inner)]));
}
