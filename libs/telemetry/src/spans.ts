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
  isTraceparent,
  linksOf,
  parseTraceparent,
} from './traceparent.js';

/** The name of our instrumentation. */
export const SCOPE = 'orderflow';

export interface SpanOptions {
  /** `internal` unless said otherwise. */
  kind?: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  /** The parent. Without it (or where it is not valid) the span that is active now is the parent. */
  traceparent?: string | undefined;
  /** A function is only called where a span is made: use it when building the attributes costs something. */
  attributes?: Attributes | (() => Attributes);
  /** When it began, if that was earlier: a Date or milliseconds since 1970. Now, unless said otherwise. */
  startTime?: Date | number;
  /** Traceparents of other spans that this one has to do with. */
  links?: readonly string[];
}

/** A span that was begun and is not over yet. */
export interface OpenSpan {
  /** Hand this on to what the span causes. */
  readonly traceparent: string;
  /** Says more of it. */
  set(attributes: Attributes): void;
  /** Runs `fn` with this span as the active one. */
  run<T>(fn: () => T): T;
  /** Ends the span; with an error it is recorded as failed. To be called once. */
  end(error?: unknown): void;
}

/**
 * The W3C traceparent of the active span. Where none is active: a fresh one that is not recorded, so that an order
 * always has a trace id.
 */
export function currentTraceparent(): string {
  const active = trace.getActiveSpan()?.spanContext();
  return active ? formatTraceparent(active) : freshTraceparent();
}

/**
 * The traceparent of an incoming request: that of the active span where an SDK made one, else the request's own valid
 * `traceparent` header, else a fresh one.
 */
export function traceparentOf(headers: Record<string, unknown>): string {
  const header = headers['traceparent'];
  return trace.getActiveSpan() || !isTraceparent(header) ? currentTraceparent() : header;
}

/** The headers by which another system joins the trace of the active span; none where no span is active. */
export function propagationHeaders(): { traceparent?: string } {
  const active = trace.getActiveSpan()?.spanContext();
  return active ? { traceparent: formatTraceparent(active) } : {};
}

/** Says more of the active span, if there is one. */
export function describeActiveSpan(attributes: Attributes): void {
  trace.getActiveSpan()?.setAttributes(attributes);
}

/**
 * Wants a trace, whether it was sampled or not: what is held of it is sent, and whoever is handed the result does the same.
 * @returns the traceparent to hand on; the same one where no SDK runs
 */
export function wantTrace(traceparent: string): string {
  const parent = parseTraceparent(traceparent);
  const held = heldTraces();
  if (!parent || !held) return traceparent;
  held.want(parent.traceId);
  return formatTraceparent({ ...parent, traceFlags: parent.traceFlags | TraceFlags.SAMPLED });
}

/** Begins a span. Where no SDK runs nothing is recorded, and the given traceparent (or a fresh one) is handed on as it is. */
export function startSpan(name: string, options: SpanOptions = {}): OpenSpan {
  const tracer = activeTracer();
  return tracer ? new Recorded(tracer, name, options) : new Unrecorded(options.traceparent);
}

/**
 * Runs `fn` in a span, which is the active one meanwhile, and ends it when `fn` is done; what `fn` throws is recorded
 * and thrown on. `fn` is given the span. Where no SDK runs this only calls `fn`.
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

/** What a span is where no SDK runs. */
class Unrecorded implements OpenSpan {
  readonly traceparent: string;

  constructor(traceparent: string | undefined) {
    this.traceparent = isTraceparent(traceparent) ? traceparent : freshTraceparent();
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
    const remote = parseTraceparent(options.traceparent);
    this.context = remote ? ROOT_CONTEXT : context.active();
    this.span = begin(tracer, name, options, this.context, remote);
  }

  /** Asked for late: meanwhile the trace may have become a wanted one. */
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

const kinds = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

let tracer: Tracer | undefined;

// Asked again until there is one: an SDK may be registered after this module was loaded.
function activeTracer(): Tracer | undefined {
  return (tracer ??= (trace.getTracerProvider() as ProxyTracerProvider).getDelegateTracer?.(SCOPE));
}

function begin(from: Tracer, name: string, options: SpanOptions, base: Context, remote: SpanContext | undefined): Span {
  const held = heldTraces();
  // Whoever raised the flag wants all of the trace, also what was held here so far.
  if (remote && isSampled(remote)) held?.want(remote.traceId);
  const parent = remote ?? trace.getSpanContext(base);
  if (held?.followsParent && parent && !isSampled(parent)) {
    // What the sampler would say is known, and asking it costs more than all the rest.
    const { traceId, traceFlags } = parent;
    return hold(held, name, options, { traceId, spanId: freshSpanId(), traceFlags }, parent);
  }
  const { attributes = {}, links = [], startTime } = options;
  const kind = kinds[options.kind ?? 'internal'];
  const within = remote ? trace.setSpanContext(base, remote) : base;
  // Its clock is finer when it is asked for the beginning as well.
  const span = from.startSpan(name, { kind, links: linksOf(links), ...(startTime && { startTime }) }, within);
  if (!span.isRecording() && held) return hold(held, name, options, span.spanContext(), parent);
  return span.setAttributes(typeof attributes === 'function' ? attributes() : attributes);
}

function hold(
  held: HeldTraces,
  name: string,
  { attributes = {}, links = [], startTime, kind = 'internal' }: SpanOptions,
  own: SpanContext,
  parent: SpanContext | undefined,
): Span {
  return held.begin({
    context: own,
    parent,
    name,
    kind: kinds[kind],
    startTime: Number(startTime ?? now()),
    attributes: typeof attributes === 'function' ? attributes() : { ...attributes },
    links,
  });
}

const isSampled = ({ traceFlags }: SpanContext): boolean => (traceFlags & TraceFlags.SAMPLED) !== 0;
