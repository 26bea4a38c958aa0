import {
  type Attributes,
  type AttributeValue,
  createTraceState,
  type SpanContext,
  type SpanKind,
  type SpanStatus,
  SpanStatusCode,
  TraceFlags,
} from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { SpanLimits } from './otel-settings.js';
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
  readonly tracestate: string | undefined;
  /** Whole microseconds. */
  readonly duration: number;
  readonly links: readonly string[] | undefined;
  readonly status: SpanStatus | undefined;
  readonly exceptions: readonly { name: string; message: string; at: number }[] | undefined;
}

/** The origin of the spans, for exporters, and the limits that hold for each. */
export interface Origin extends Pick<ReadableSpan, 'resource' | 'instrumentationScope'> {
  readonly limits?: SpanLimits;
}

/** Milliseconds since 1970, with fractions. */
export const now = (): number => performance.timeOrigin + performance.now();

/** The same context with the sampled flag. */
export const sampled = (context: SpanContext): SpanContext => ({
  ...context,
  traceFlags: context.traceFlags | TraceFlags.SAMPLED,
});

/** The span in the form that exporters take, marked as sampled. */
export function readable(traceId: string, notes: SpanNotes, { limits, ...origin }: Origin): ReadableSpan {
  const { spanId, parentSpanId, parentIsRemote = false, name, kind, startTime, duration } = notes;
  const { status = { code: SpanStatusCode.UNSET }, exceptions = [] } = notes;
  const attributes = limited(notes.attributes, limits);
  const links = linksOf(notes.links ?? []);
  const keptLinks = links.slice(0, limits?.linkCountLimit);
  const keptEvents = exceptions.slice(0, limits?.eventCountLimit);
  const spanContext = {
    traceId,
    spanId,
    traceFlags: TraceFlags.SAMPLED,
    ...(notes.tracestate && { traceState: createTraceState(notes.tracestate) }),
  };
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
    links: keptLinks,
    events: keptEvents.map(({ name, message, at }) => ({
      name: 'exception',
      time: hrTime(at),
      attributes: { 'exception.type': name, 'exception.message': message },
    })),
    droppedAttributesCount: Object.keys(notes.attributes).length - Object.keys(attributes).length,
    droppedEventsCount: exceptions.length - keptEvents.length,
    droppedLinksCount: links.length - keptLinks.length,
  };
}

function limited(attributes: Attributes, limits: SpanLimits | undefined): Attributes {
  if (limits === undefined) return attributes;
  const cut = (value: unknown) =>
    typeof value === 'string' ? value.slice(0, limits.attributeValueLengthLimit) : value;
  const kept = Object.entries(attributes).slice(0, limits.attributeCountLimit);
  return Object.fromEntries(kept.map(([key, value]) => [key, cut(value) as AttributeValue]));
}

const hrTime = (ms: number): [seconds: number, nanoseconds: number] => {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
};
