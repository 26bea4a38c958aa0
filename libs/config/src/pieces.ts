import { isIP } from 'node:net';
import { z } from 'zod';

/** The schema of one variable. Without a default the variable must be set. */
type Piece<T> = z.ZodType<T, string | undefined>;

/** A TCP port, 0 to 65535 (0: any free one). */
export const port = (byDefault?: number): Piece<number> => integer(byDefault, { min: 0, max: 65_535 });

/** A whole number between `min` (0) and `max`, bounds included. */
export function integer(byDefault?: number, bounds: { min?: number; max?: number } = {}): Piece<number> {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = bounds;
  const rule = `must be a whole number from ${min} to ${max}; for example ${byDefault ?? min}`;
  return numeric(/^-?\d{1,16}$/, rule, (value) => value >= min && value <= max, byDefault);
}

/** A length of time in seconds, fractions allowed (`0.5`), never negative. */
export function seconds(byDefault?: number): Piece<number> {
  const rule = `must be a number of seconds, not negative; for example ${byDefault ?? 60}`;
  return numeric(/^\d{1,9}(\.\d{1,6})?$/, rule, () => true, byDefault);
}

/** A length of time in whole milliseconds, never negative. */
export function millis(byDefault?: number): Piece<number> {
  const rule = `must be a whole number of milliseconds, not negative; for example ${byDefault ?? 100}`;
  return numeric(/^\d{1,12}$/, rule, () => true, byDefault);
}

/** `true`/`1`/`yes`/`on` or `false`/`0`/`no`/`off`, in any case. */
export function flag(byDefault?: boolean): Piece<boolean> {
  const error = 'must be true or false; for example true';
  const piece = z.string({ error }).regex(/^(true|1|yes|on|false|0|no|off)$/i, { error });
  const parsed = piece.transform((text) => /^(true|1|yes|on)$/i.test(text));
  return withDefault(parsed, byDefault);
}

/** One of these words. */
export const oneOf = <Word extends string>(words: readonly Word[], byDefault: Word): Piece<Word> =>
  withDefault(z.enum(words, { error: `must be one of ${words.join(', ')}; for example ${byDefault}` }), byDefault);

/** The address to listen on; `127.0.0.1` by default. */
export const host = (byDefault = '127.0.0.1'): Piece<string> =>
  z
    .string()
    .regex(/^[A-Za-z0-9.:_-]{1,255}$/, { error: 'must be a host name or an address; for example 0.0.0.0' })
    .default(byDefault);

const secretRule = 'must have 16 characters or more that cannot be guessed; run "npx orderflow secrets" to make one';

/** A secret of at least 16 characters, required. */
export const secret: Piece<string> = z.string({ error: secretRule }).min(16, { error: secretRule });

/** A PostgreSQL connection URL, required: it holds a password, so there is no default. */
export const databaseUrl: Piece<string> = urlOf(
  ['postgres:', 'postgresql:'],
  'postgres://user:password@host:5432/name',
);

/** A URL, http or https by default, without the trailing slash, so that paths can be appended. */
export function url(byDefault?: string, protocols: readonly string[] = ['http:', 'https:']): Piece<string> {
  const trimmed = urlOf(protocols, byDefault ?? 'http://127.0.0.1:8080').transform((text) => text.replace(/\/+$/, ''));
  return withDefault(trimmed, byDefault);
}

const brokersRule = 'must be a comma-separated list of host:port; for example 127.0.0.1:9092';

/** Kafka brokers as `host:port,host:port` -> `['host:port', 'host:port']`, required. */
export const brokers: Piece<string[]> = z
  .string({ error: brokersRule })
  .transform((text) => text.split(',').map((part) => part.trim()))
  .refine((list) => list.every((part) => /^[A-Za-z0-9._-]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$/.test(part)), {
    error: brokersRule,
  }) as Piece<string[]>;

const addressesRule =
  'must be a comma-separated list of addresses, networks, or any of loopback, linklocal, uniquelocal; for example 10.0.0.0/8';

/** Addresses of proxies as `10.0.0.0/8,::1,loopback` -> a list; none by default. */
export const addresses: Piece<string[]> = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .refine((list) => list.every(isAddress), { error: addressesRule })
  .default([]) as Piece<string[]>;

const originsRule =
  'must be a comma-separated list of origins as browsers send them, without * and without a path; for example https://shop.example';

/** Origins of pages as `https://shop.example,http://127.0.0.1:8080` -> a list; none by default. */
export const origins: Piece<string[]> = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .refine((list) => list.every(isOrigin), { error: originsRule })
  .default([]) as Piece<string[]>;

const isOrigin = (text: string): boolean =>
  /^https?:[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text;

function isAddress(text: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(text)) return true;
  const [ip = '', bits, ...rest] = text.split('/');
  const most = isIP(ip) === 4 ? 32 : 128;
  return (
    isIP(ip) !== 0 && rest.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most))
  );
}

function urlOf(protocols: readonly string[], example: string): Piece<string> {
  const error = `must be a URL that begins with ${protocols.map((p) => `${p}//`).join(' or ')}; for example ${example}`;
  const matches = (text: string) => URL.canParse(text) && protocols.includes(new URL(text).protocol);
  return z.string({ error }).refine(matches, { error }) as Piece<string>;
}

function numeric(
  pattern: RegExp,
  error: string,
  accepts: (value: number) => boolean,
  byDefault: number | undefined,
): Piece<number> {
  // Not z.coerce: it accepts '0x10', '1e3' and ' ' as numbers.
  const piece = z.string({ error }).regex(pattern, { error }).transform(Number).refine(accepts, { error });
  return withDefault(piece, byDefault);
}

const withDefault = <T>(piece: z.ZodType<T>, byDefault: T | undefined): Piece<T> =>
  (byDefault === undefined ? piece : piece.default(byDefault as z.util.NoUndefined<T>)) as Piece<T>;
