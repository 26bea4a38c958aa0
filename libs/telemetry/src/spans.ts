import {
  context,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Link,
  type ProxyTracerProvider,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import { formatTraceparent, freshTraceparent, isTraceparent, parseTraceparent } from './traceparent.js';

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
  const active = trace.getActiveSpan()?.spanContext();
  if (active) return formatTraceparent(active);
  const header = headers['traceparent'];
  return isTraceparent(header) ? header : freshTraceparent();
}

/** Begins a span. Where no SDK runs nothing is recorded, and the given traceparent (or a fresh one) is handed on as it is. */
export function startSpan(name: string, options: SpanOptions = {}): OpenSpan {
  const tracer = activeTracer();
  if (!tracer) return { traceparent: handedOn(options.traceparent), end: nothing };
  const span = begin(tracer, name, options, parentOf(options.traceparent));
  return { traceparent: formatTraceparent(span.spanContext()), end: (error) => finish(span, error) };
}

/**
 * Runs `fn` in a span, which is the active one meanwhile, and ends it when `fn` is done; what `fn` throws is recorded
 * and thrown on. `fn` is given the traceparent to hand on. Where no SDK runs this only calls `fn`.
 */
export async function withSpan<T>(
  name: string,
  options: SpanOptions,
  fn: (traceparent: string) => Promise<T> | T,
): Promise<T> {
  const tracer = activeTracer();
  if (!tracer) return fn(handedOn(options.traceparent));
  const parent = parentOf(options.traceparent);
  const span = begin(tracer, name, options, parent);
  try {
    const result = await context.with(
      trace.setSpan(parent, span),
      fn,
      undefined,
      formatTraceparent(span.spanContext()),
    );
    span.end();
    return result;
  } catch (error) {
    finish(span, error ?? new Error('unknown error'));
    throw error;
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
  return (tracer ??= (trace.getTracerProvider() as ProxyTracerProvider).getDelegateTracer?.('orderflow'));
}

function handedOn(traceparent: string | undefined): string {
  return isTraceparent(traceparent) ? traceparent : freshTraceparent();
}

function parentOf(traceparent: string | undefined): Context {
  const parent = parseTraceparent(traceparent);
  return parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : context.active();
}

function begin(from: Tracer, name: string, options: SpanOptions, parent: Context): Span {
  const { attributes, links, startTime } = options;
  return from.startSpan(
    name,
    {
      kind: kinds[options.kind ?? 'internal'],
      attributes: typeof attributes === 'function' ? attributes() : (attributes ?? {}),
      ...(startTime === undefined ? {} : { startTime }),
      ...(links === undefined ? {} : { links: linksOf(links) }),
    },
    parent,
  );
}

function linksOf(traceparents: readonly string[]): Link[] {
  return traceparents.flatMap((traceparent) => {
    const linked = parseTraceparent(traceparent);
    return linked ? [{ context: linked }] : [];
  });
}

function finish(span: Span, error: unknown): void {
  if (error !== undefined) {
    const cause = error instanceof Error ? error : new Error(typeof error === 'string' ? error : 'unknown error');
    span.setStatus({ code: SpanStatusCode.ERROR, message: cause.message });
    span.recordException(cause);
  }
  span.end();
}

function nothing(): void {}
