import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { defaultResource } from '@opentelemetry/resources';
import {
  InMemorySpanExporter,
  ParentBasedSampler,
  type ReadableSpan,
  SimpleSpanProcessor,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { HeldTraces } from './held-traces.js';
import { readSettings, type SpanLimits } from './otel-settings.js';
import { telemetryRuns } from './sdk-state.js';
import { startSpan, wantTrace, withSpan } from './spans.js';

const exporter = new InMemorySpanExporter();
const processor = new SimpleSpanProcessor({ exporter });
let now = 0;

const names = () => exporter.getFinishedSpans().map(({ name }) => name);
const named = (name: string): ReadableSpan => exporter.getFinishedSpans().find((span) => span.name === name)!;

function hold({ most, followsParent = true, limits }: Holding = {}): void {
  const origin = { resource: defaultResource(), instrumentationScope: { name: 'test' }, ...(limits && { limits }) };
  const give = (span: ReadableSpan) => processor.onEnd(span);
  telemetryRuns({ shutdown: () => Promise.resolve() }, new HeldTraces(origin, give, followsParent, () => now, most));
}

interface Holding {
  most?: number;
  followsParent?: boolean;
  limits?: SpanLimits;
}

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const sampler = new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(0) });
  trace.setGlobalTracerProvider(new TracerProvider({ sampler, spanProcessors: [processor] }));
});

beforeEach(() => {
  exporter.reset();
  hold();
});

describe('a trace that is not sampled', () => {
  it('exports nothing when no span fails', async () => {
    await withSpan('request', {}, ({ traceparent }) => startSpan('send', { traceparent }).end());
    expect(names()).toEqual([]);
  });

  it('is exported whole when a span fails, with earlier and later spans', () => {
    const request = startSpan('request', { kind: 'server', attributes: { path: '/orders' } });
    const send = startSpan('send', { traceparent: request.traceparent });
    send.end();
    const process = startSpan('process', { traceparent: send.traceparent, links: [request.traceparent] });
    process.set({ outcome: 'parked' });
    process.end(new Error('undecodable'));
    request.end();
    startSpan('retry', { traceparent: process.traceparent }).end();
    expect(names()).toEqual(['send', 'process', 'request', 'retry']);
    const contexts = exporter.getFinishedSpans().map((span) => span.spanContext());
    expect(new Set(contexts.map(({ traceId }) => traceId)).size).toBe(1);
    expect(contexts.every(({ traceFlags }) => traceFlags === 1)).toBe(true);
    expect(named('request').parentSpanContext).toBeUndefined();
    expect(named('request').attributes).toEqual({ path: '/orders' });
    expect(named('send').parentSpanContext?.spanId).toBe(named('request').spanContext().spanId);
    expect(named('process').parentSpanContext?.spanId).toBe(named('send').spanContext().spanId);
    expect(named('process')).toMatchObject({
      attributes: { outcome: 'parked' },
      status: { code: SpanStatusCode.ERROR, message: 'undecodable' },
      links: [{ context: { spanId: named('request').spanContext().spanId } }],
      events: [{ name: 'exception', attributes: { 'exception.message': 'undecodable' } }],
    });
  });

  it('is exported when it is wanted, and passes the sampled flag on', () => {
    const request = startSpan('request');
    expect(request.traceparent).toMatch(/-00$/);
    const wanted = wantTrace(request.traceparent);
    expect(wanted).toMatch(/-01$/);
    expect(request.traceparent).toBe(wanted);
    request.end();
    expect(names()).toEqual(['request']);
  });

  it('is exported when another service passes it on with the sampled flag', () => {
    const given = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00';
    startSpan('early', { traceparent: given }).end();
    expect(names()).toEqual([]);
    startSpan('late', { traceparent: given.replace(/00$/, '01') }).end();
    expect(names()).toEqual(['early', 'late']);
  });

  it('keeps the tracestate of its parent', async () => {
    const given = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00', tracestate: 'foo=1' };
    await withSpan('charge', given, () => startSpan('answer').end(new Error('refused')));
    expect(names()).toEqual(['answer', 'charge']);
    expect(exporter.getFinishedSpans().map((span) => span.spanContext().traceState?.serialize())).toEqual([
      'foo=1',
      'foo=1',
    ]);
  });

  it('is dropped after a while', () => {
    const request = startSpan('request');
    request.end();
    now += 200_000;
    startSpan('another').end();
    startSpan('late', { traceparent: request.traceparent }).end(new Error('too late'));
    expect(names()).toEqual(['late']);
  });

  it('is dropped earlier when too many spans are held', () => {
    hold({ most: 2 });
    const begun = ['first', 'second', 'third'].map((name) => {
      const span = startSpan(name);
      span.end();
      return span;
    });
    for (const { traceparent } of begun) wantTrace(traceparent);
    expect(names()).toEqual(['second', 'third']);
  });

  it('is held too when the sampler decides for each span', () => {
    hold({ followsParent: false });
    const request = startSpan('request');
    startSpan('send', { traceparent: request.traceparent }).end(new Error('refused'));
    request.end();
    expect(names()).toEqual(['send', 'request']);
  });

  it('keeps the limits of its spans', () => {
    const { limits } = readSettings({
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '2',
      OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '3',
      OTEL_SPAN_LINK_COUNT_LIMIT: '1',
    }).traces!;
    hold({ limits });
    const link = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00';
    startSpan('send', { attributes: { a: 'abcd', b: 12345, c: true }, links: [link, link] }).end(new Error('refused'));
    expect(named('send')).toMatchObject({
      attributes: { a: 'abc', b: 12345 },
      droppedAttributesCount: 1,
      droppedLinksCount: 1,
    });
    expect(named('send').attributes).not.toHaveProperty('c');
    expect(named('send').links).toHaveLength(1);
  });
});
