import {
  type Attributes,
  type SpanContext,
  type SpanKind,
  type SpanStatus,
  SpanStatusCode,
  TraceFlags,
} from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { linksOf } from './traceparent.js';

/** The start of a held span; times are milliseconds since 1970. */
export interface HeldStart {
  readonly context: SpanContext;
  readonly parent: SpanContext | undefined;
  readonly name: string;
  readonly kind: SpanKind;
  readonly startTime: number;
  readonly attributes: Attributes;
  /** Traceparents of related spans; invalid ones are left out at export. */
  readonly links: readonly string[];
}

/**
 * An ended held span as plain data, so that it can be kept as JSON. Kept small: it is written for every span, and most spans
 * are dropped.
 */
export interface SpanNotes extends Pick<HeldStart, 'name' | 'kind' | 'startTime' | 'attributes'> {
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly parentIsRemote: boolean | undefined;
  /** Whole microseconds. */
  readonly duration: number;
  readonly links: readonly string[] | undefined;
  readonly status: SpanStatus | undefined;
  readonly exceptions: readonly { name: string; message: string; at: number }[] | undefined;
}

/** The origin of the spans, for exporters. */
export type Origin = Pick<ReadableSpan, 'resource' | 'instrumentationScope'>;

/** Milliseconds since 1970, with fractions. */
export const now = (): number => performance.timeOrigin + performance.now();

/** The same context with the sampled flag. */
export const sampled = (context: SpanContext): SpanContext => ({
  ...context,
  traceFlags: context.traceFlags | TraceFlags.SAMPLED,
});

/** The span in the form that exporters take, marked as sampled. */
export function readable(traceId: string, notes: SpanNotes, origin: Origin): ReadableSpan {
  const { spanId, parentSpanId, parentIsRemote = false, name, kind, startTime, duration, attributes } = notes;
  const { status = { code: SpanStatusCode.UNSET }, links = [], exceptions = [] } = notes;
  const spanContext = { traceId, spanId, traceFlags: TraceFlags.SAMPLED };
  return {
    ...origin,
    name,
    kind,
    spanContext: () => spanContext,
    ...(parentSpanId && { parentSpanContext: { ...spanContext, spanId: parentSpanId, isRemote: parentIsRemote } }),
    startTime: hrTime(startTime),
    endTime: hrTime(startTime + duration / 1000),
    duration: hrTime(duration / 1000),
    ended: true,
    status,
    attributes,
    links: linksOf(links),
    events: exceptions.map(({ name, message, at }) => ({
      name: 'exception',
      time: hrTime(at),
      attributes: { 'exception.type': name, 'exception.message': message },
    })),
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

const hrTime = (ms: number): [seconds: number, nanoseconds: number] => {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
};
