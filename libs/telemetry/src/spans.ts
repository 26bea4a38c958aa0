import {
  type Attributes,
  context,
  type Context,
  type ProxyTracerProvider,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Tracer,
} from '@opentelemetry/api';
import type { HeldTraces } from './held-traces.js';
import { heldTraces } from './sdk-state.js';
import { now } from './span-notes.js';
import {
  formatTraceparent,
  freshSpanId,
  freshTraceparent,
  linksOf,
  parseTraceparent,
  readTraceContext,
  readTraceparent,
  type TraceContext,
} from './traceparent.js';

/** The instrumentation scope of every span. */
export const SCOPE = 'orderflow';

export interface SpanOptions {
  /** Default: `internal`. */
  kind?: Lowercase<keyof typeof SpanKind>;
  /** The parent. Without it, or where it is not valid, the active span is the parent. */
  traceparent?: string | undefined;
  /** Of the parent: the span carries it too. */
  tracestate?: string | undefined;
  /** A function is called only where a span is made: use it when building the attributes is expensive. */
  attributes?: Attributes | (() => Attributes);
  /** An earlier start: a Date or milliseconds since 1970. Default: now. */
  startTime?: Date | number;
  /** Traceparents of related spans. */
  links?: readonly string[];
}

/** A span that has begun and has not ended. */
export interface OpenSpan {
  /** The parent of every span that this one causes. */
  readonly traceparent: string;
  /** Adds attributes. */
  set(attributes: Attributes): void;
  /** Runs `fn` with this span as the active one. */
  run<T>(fn: () => T): T;
  /** Ends the span; an error marks it as failed. To be called once. */
  end(error?: unknown): void;
}

/**
 * The W3C traceparent of the active span. Without an active span: a fresh one that is not recorded, so that every order has
 * a trace id.
 */
export function currentTraceparent(): string {
  const active = trace.getActiveSpan()?.spanContext();
  return active ? formatTraceparent(active) : freshTraceparent();
}

/**
 * The trace context of an incoming request: that of the active span where an SDK runs, else the request's own valid headers,
 * else a fresh one.
 */
export function traceContextOf(headers: Readonly<Record<string, unknown>>): TraceContext {
  return activeContext() ?? readTraceContext(headers) ?? { traceparent: freshTraceparent() };
}

/** The headers by which another system joins the trace of the active span; empty without an active span. */
export function propagationHeaders(): { traceparent?: string; tracestate?: string } {
  return activeContext() ?? {};
}

function activeContext(): { traceparent: string; tracestate?: string } | undefined {
  const active = trace.getActiveSpan()?.spanContext();
  if (active === undefined) return undefined;
  const tracestate = active.traceState?.serialize();
  return { traceparent: formatTraceparent(active), ...(tracestate && { tracestate }) };
}

/** Adds attributes to the active span, if there is one. */
export function describeActiveSpan(attributes: Attributes): void {
  trace.getActiveSpan()?.setAttributes(attributes);
}

/**
 * Keeps a trace that was not sampled: its held spans are exported, and every service that receives the returned traceparent
 * exports its held spans too.
 * @returns the traceparent to pass on, with its sampled flag set; unchanged where no SDK runs
 */
export function wantTrace(traceparent: string): string {
  const parent = parseTraceparent(traceparent);
  const held = heldTraces();
  if (!parent || !held) return traceparent;
  held.want(parent.traceId);
  return formatTraceparent({ ...parent, traceFlags: parent.traceFlags | TraceFlags.SAMPLED });
}

/** Begins a span. Where no SDK runs nothing is recorded, and the given traceparent (or a fresh one) is passed on unchanged. */
export function startSpan(name: string, options: SpanOptions = {}): OpenSpan {
  const tracer = activeTracer();
  return tracer ? new Recorded(tracer, name, options) : new Unrecorded(options.traceparent);
}

/**
 * Runs `fn` in a span, which is active meanwhile, and ends the span afterwards. An error of `fn` is recorded and rethrown.
 * Where no SDK runs this only calls `fn`.
 */
export async function withSpan<T>(
  name: string,
  options: SpanOptions,
  fn: (span: OpenSpan) => Promise<T> | T,
): Promise<T> {
  const span = startSpan(name, options);
  try {
    const result = await span.run(() => fn(span));
    span.end();
    return result;
  } catch (error) {
    span.end(error ?? new Error('unknown error'));
    throw error;
  }
}

/** The span where no SDK runs. */
class Unrecorded implements OpenSpan {
  readonly traceparent: string;

  constructor(traceparent: string | undefined) {
    this.traceparent = readTraceparent(traceparent) ?? freshTraceparent();
  }

  set(): void {}

  run<T>(fn: () => T): T {
    return fn();
  }

  end(): void {}
}

class Recorded implements OpenSpan {
  private readonly context: Context;
  private readonly span: Span;

  constructor(tracer: Tracer, name: string, options: SpanOptions) {
    const remote = parseTraceparent(options.traceparent, options.tracestate);
    this.context = remote ? ROOT_CONTEXT : context.active();
    this.span = begin(tracer, name, options, this.context, remote);
  }

  /** Computed on each call: the sampled flag of a held trace may have been set meanwhile. */
  get traceparent(): string {
    return formatTraceparent(this.span.spanContext());
  }

  set(attributes: Attributes): void {
    this.span.setAttributes(attributes);
  }

  run<T>(fn: () => T): T {
    return context.with(trace.setSpan(this.context, this.span), fn);
  }

  end(error?: unknown): void {
    if (error !== undefined) {
      const cause = error instanceof Error ? error : new Error(typeof error === 'string' ? error : 'unknown error');
      this.span.setStatus({ code: SpanStatusCode.ERROR, message: cause.message });
      this.span.recordException(cause);
    }
    this.span.end();
  }
}

let tracer: Tracer | undefined;

// Looked up until there is one: an SDK may be registered after this module was loaded.
function activeTracer(): Tracer | undefined {
  return (tracer ??= (trace.getTracerProvider() as ProxyTracerProvider).getDelegateTracer?.(SCOPE));
}

function begin(from: Tracer, name: string, options: SpanOptions, base: Context, remote: SpanContext | undefined): Span {
  const held = heldTraces();
  // A sampled flag from another service requests the whole trace, held spans included.
  if (remote && isSampled(remote)) held?.want(remote.traceId);
  const parent = remote ?? trace.getSpanContext(base);
  const { links = [], startTime } = options;
  const kind = SpanKind[(options.kind ?? 'internal').toUpperCase() as keyof typeof SpanKind];
  const attributes = () =>
    typeof options.attributes === 'function' ? options.attributes() : { ...options.attributes };
  const hold = (held: HeldTraces, own: SpanContext): Span => {
    const start = { name, kind, startTime: Number(startTime ?? now()), attributes: attributes(), links };
    return held.begin({ context: own, parent, ...start });
  };
  if (held?.followsParent && parent && !isSampled(parent)) {
    // The decision of the sampler is known, and calling it costs more than the rest of the span.
    const { traceId, traceFlags, traceState } = parent;
    return hold(held, { traceId, spanId: freshSpanId(), traceFlags, ...(traceState && { traceState }) });
  }
  const within = remote ? trace.setSpanContext(base, remote) : base;
  // Without an explicit start the SDK takes the start from its own, finer clock.
  const span = from.startSpan(name, { kind, links: linksOf(links), ...(startTime && { startTime }) }, within);
  if (!span.isRecording() && held) return hold(held, span.spanContext());
  return span.setAttributes(attributes());
}

const isSampled = ({ traceFlags }: SpanContext): boolean => (traceFlags & TraceFlags.SAMPLED) !== 0;
