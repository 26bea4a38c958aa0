import { randomBytes } from 'node:crypto';
import type { Link, SpanContext } from '@opentelemetry/api';

// https://www.w3.org/TR/trace-context/#traceparent-header, version 00; an id of zeros only is not valid.
const PATTERN = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Whether `value` is a W3C `traceparent` of version 00. Callers treat any other value as absent. */
export function isTraceparent(value: unknown): value is string {
  return typeof value === 'string' && value.length === 55 && PATTERN.test(value);
}

/** The 32 hexadecimal digits of the trace, or undefined where `traceparent` is not valid. */
export function traceIdOf(traceparent: string | undefined): string | undefined {
  return isTraceparent(traceparent) ? traceparent.slice(3, 35) : undefined;
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
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

/** The remote span context of a traceparent, or undefined where it is not valid. */
export function parseTraceparent(traceparent: string | undefined): SpanContext | undefined {
  if (!isTraceparent(traceparent)) return undefined;
  return {
    traceId: traceparent.slice(3, 35),
    spanId: traceparent.slice(36, 52),
    traceFlags: Number.parseInt(traceparent.slice(53), 16),
    isRemote: true,
  };
}

/** Links to the spans of these traceparents; invalid ones are left out. */
export function linksOf(traceparents: readonly string[]): Link[] {
  return traceparents.flatMap((traceparent) => {
    const context = parseTraceparent(traceparent);
    return context ? [{ context }] : [];
  });
}
