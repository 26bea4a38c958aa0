import { randomBytes } from 'node:crypto';
// Marked as deprecated for the one of @opentelemetry/core, which costs a process without an SDK 12 MB.
import { createTraceState, type Link, type SpanContext, TraceFlags } from '@opentelemetry/api';

/** The two headers of https://www.w3.org/TR/trace-context/, as they are stored and passed on. */
export interface TraceContext {
  /** Of version 00. */
  readonly traceparent: string;
  /** What the vendors along the trace added; undefined where none did. */
  readonly tracestate?: string | undefined;
}

// An id of zeros only is not valid.
const PATTERN = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
// A later version begins as version 00 does, and may go on after a dash. There is no version ff.
const LATER = /^(?!00|ff)[0-9a-f]{2}(-[0-9a-f]{32}-[0-9a-f]{16}-)([0-9a-f]{2})(-|$)/;

// https://www.w3.org/TR/trace-context/#list
const MOST_MEMBERS = 32;

/** Whether `value` is a W3C `traceparent` of version 00. */
export function isTraceparent(value: unknown): value is string {
  return typeof value === 'string' && value.length === 55 && PATTERN.test(value);
}

/**
 * A `traceparent` that another system sent, as version 00: of a later version only the ids and the sampled flag are known.
 * https://www.w3.org/TR/trace-context/#versioning-of-traceparent
 * @returns undefined where it is not valid; callers treat it as absent
 */
export function readTraceparent(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (isTraceparent(value)) return value;
  const [, ids, flags] = LATER.exec(value) ?? [];
  const known = `00${ids}${hexOf(Number.parseInt(flags ?? '', 16) & TraceFlags.SAMPLED)}`;
  return isTraceparent(known) ? known : undefined;
}

/**
 * A `tracestate` that another system sent, without members that are not valid.
 * @returns undefined where nothing is left, or it is longer than 512 characters or 32 members
 */
export function readTracestate(value: unknown): string | undefined {
  // Of more members createTraceState would return 32 in the opposite order.
  if (typeof value !== 'string' || value.split(',').length > MOST_MEMBERS) return undefined;
  return createTraceState(value).serialize() || undefined;
}

/** The trace context in headers that another system sent; undefined without a valid `traceparent`. */
export function readTraceContext(headers: Readonly<Record<string, unknown>>): TraceContext | undefined {
  const traceparent = readTraceparent(headers['traceparent']);
  if (traceparent === undefined) return undefined;
  const tracestate = readTracestate(headers['tracestate']);
  return tracestate === undefined ? { traceparent } : { traceparent, tracestate };
}

/** The 32 hexadecimal digits of the trace, or undefined where `traceparent` is not valid. */
export function traceIdOf(traceparent: string | undefined): string | undefined {
  return readTraceparent(traceparent)?.slice(3, 35);
}

/** A new trace that is not recorded (flags 00): it gives an order a trace id where no SDK runs. */
export function freshTraceparent(): string {
  const ids = randomBytes(24).toString('hex');
  return `00-${ids.slice(0, 32)}-${ids.slice(32)}-00`;
}

const process32 = randomBytes(4).toString('hex');
let spans = randomBytes(4).readUInt32BE();

/** 16 hexadecimal digits: a random prefix per process, and a counter. */
// Made for each span: random digits would cost more than the rest of the span.
export function freshSpanId(): string {
  spans = (spans + 1) >>> 0;
  return process32 + spans.toString(16).padStart(8, '0');
}

/** The traceparent of a span, for headers and outbox rows. */
export function formatTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${hexOf(traceFlags)}`;
}

const hexOf = (flags: number): string => flags.toString(16).padStart(2, '0');

/** The remote span context of a traceparent (and tracestate), or undefined where the traceparent is not valid. */
export function parseTraceparent(traceparent: string | undefined, tracestate?: string): SpanContext | undefined {
  const read = readTraceparent(traceparent);
  if (read === undefined) return undefined;
  return {
    traceId: read.slice(3, 35),
    spanId: read.slice(36, 52),
    traceFlags: Number.parseInt(read.slice(53), 16),
    isRemote: true,
    ...(tracestate && { traceState: createTraceState(tracestate) }),
  };
}

/** Links to the spans of these traceparents; invalid ones are left out. */
export function linksOf(traceparents: readonly string[]): Link[] {
  return traceparents.flatMap((traceparent) => {
    const context = parseTraceparent(traceparent);
    return context ? [{ context }] : [];
  });
}
