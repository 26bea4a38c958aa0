import { amountText, majorUnits, minorDigits } from '@orderflow/contracts';

/** The zone in which instants are shown. Links and data always carry UTC. */
export type Zone = 'local' | 'utc';

const zoneOf = (zone: Zone): { timeZone?: string } => (zone === 'utc' ? { timeZone: 'UTC' } : {});

// A formatter costs 50 µs to make and a list shows thousands of instants.
const formats = new Map<string, Intl.DateTimeFormat>();
function format(name: string, zone: Zone, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${name}/${zone}`;
  const known = formats.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-GB', { ...options, ...zoneOf(zone), hourCycle: 'h23' });
  formats.set(key, made);
  return made;
}

const TIME = { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 } as const;
const DAY = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;

/** `15:02:11.140` */
export const timeOf = (instant: string, zone: Zone): string => format('time', zone, TIME).format(new Date(instant));

/** `2026-11-24`, the day of an instant in the zone. */
export function dayOf(instant: string, zone: Zone): string {
  const parts = format('day', zone, DAY).formatToParts(new Date(instant));
  const part = (type: string): string => parts.find((it) => it.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')}`;
}

/** `UTC+01:00`, the offset that the zone has at an instant: it changes within a year. */
export function offsetOf(instant: string, zone: Zone): string {
  const parts = format('offset', zone, { timeZoneName: 'longOffset' }).formatToParts(new Date(instant));
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
  // Of zero, versions of ICU write either.
  return name === 'GMT+00:00' ? 'UTC' : name.replace('GMT', 'UTC');
}

/** The day of now in the zone. */
export const todayIn = (zone: Zone): string => dayOf(new Date().toISOString(), zone);

/** `15:02:11.140` of today, `2026-11-24 15:02:11.140` of another day. */
export function instantOf(instant: string, zone: Zone, today = todayIn(zone)): string {
  const day = dayOf(instant, zone);
  return day === today ? timeOf(instant, zone) : `${day} ${timeOf(instant, zone)}`;
}

/** A length of time with the two largest units that say something: `38 ms`, `1.2 s`, `1 m 9 s`, `3 h 5 m`. */
export function durationOf(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${seconds % 60} s`;
  const minutes = Math.floor(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} m`;
}

/** How long after the first event another one came, exact to the millisecond: `0`, `+38 ms`, `+10.031 s`, `+1:09.120`. */
export function afterOf(ms: number): string {
  if (ms < 1000) return ms === 0 ? '0' : `+${Math.round(ms)} ms`;
  if (ms < 60_000) return `+${(ms / 1000).toFixed(3)} s`;
  const rest = ((ms % 60_000) / 1000).toFixed(3).padStart(6, '0');
  return `+${Math.floor(ms / 60_000)}:${rest}`;
}

/** `9.00 EUR` with the digits of ISO 4217 and groups of three: `1,234.50 HUF`. Exact at any size. */
export function moneyOf(amountMinor: number, currency: string): string {
  if (minorDigits(currency) === undefined) return amountText(amountMinor, currency);
  const [whole = '', fraction] = majorUnits(amountMinor, currency).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return `${grouped}${fraction === undefined ? '' : `.${fraction}`} ${currency}`;
}

export const countOf = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en-GB')} ${count === 1 ? one : many}`;

/** The end of a UUIDv7 is random and its beginning a time: both are needed to tell two orders apart. */
export const shortId = (id: string): string => (id.length > 14 ? `${id.slice(0, 4)}…${id.slice(-4)}` : id);
