import { beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { currentTraceparent, propagationHeaders, startSpan, traceContextOf, withSpan } from './spans.js';
import { isTraceparent, traceIdOf } from './traceparent.js';

const given = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('spans without an SDK', () => {
  it('pass the given traceparent on unchanged', async () => {
    expect(startSpan('send', { traceparent: given }).traceparent).toBe(given);
    expect(await withSpan('process', { traceparent: given }, (span) => span.traceparent)).toBe(given);
  });

  it('begin a trace without a valid traceparent', () => {
    expect(isTraceparent(startSpan('send').traceparent)).toBe(true);
    expect(traceIdOf(startSpan('send', { traceparent: 'junk' }).traceparent)).toBeDefined();
    expect(isTraceparent(currentTraceparent())).toBe(true);
  });

  it('never build the attributes', () => {
    const attributes = jest.fn(() => ({ dear: true }));
    startSpan('send', { attributes }).end();
    expect(attributes).not.toHaveBeenCalled();
  });

  it('pass a traceparent of a later version on as version 00', () => {
    const later = `${given.replace(/^00/, 'cc')}-more`;
    expect(startSpan('send', { traceparent: later }).traceparent).toBe(given);
  });

  it('use the headers of a request where they are valid', () => {
    expect(traceContextOf({ traceparent: given, tracestate: 'foo=1' })).toEqual({
      traceparent: given,
      tracestate: 'foo=1',
    });
    expect(traceIdOf(traceContextOf({ traceparent: [given] }).traceparent)).not.toBe(traceIdOf(given));
    expect(isTraceparent(traceContextOf({ tracestate: 'foo=1' }).traceparent)).toBe(true);
    expect(traceContextOf({ tracestate: 'foo=1' }).tracestate).toBeUndefined();
  });

  it('let errors through', async () => {
    await expect(withSpan('process', {}, () => Promise.reject(new Error('boom')))).rejects.toThrow('boom');
  });
});

describe('spans with an SDK', () => {
  const exporter = new InMemorySpanExporter();
  beforeAll(() => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
  });
  beforeEach(() => {
    exporter.reset();
  });

  it('are children of the given traceparent, with kind, attributes, links and an earlier start', () => {
    const startTime = Date.now() - 5_000;
    const link = given.replace('4bf9', '5bf9');
    startSpan('publish', {
      kind: 'producer',
      traceparent: given,
      attributes: () => ({ topic: 'orders.events' }),
      startTime,
      links: [link, 'junk'],
    }).end();
    const [span] = exporter.getFinishedSpans();
    expect(span?.spanContext().traceId).toBe(traceIdOf(given));
    expect(span?.parentSpanContext?.spanId).toBe('00f067aa0ba902b7');
    expect(span?.kind).toBe(SpanKind.PRODUCER);
    expect(span?.attributes).toEqual({ topic: 'orders.events' });
    expect(span?.links.map((one) => one.context.traceId)).toEqual([traceIdOf(link)]);
    expect(span?.startTime[0]).toBe(Math.floor(startTime / 1000));
  });

  it('are active while their work runs, and parents of the spans begun meanwhile', async () => {
    const inner = await withSpan('outer', { traceparent: given }, async ({ traceparent }) => {
      await Promise.resolve();
      expect(currentTraceparent()).toBe(traceparent);
      expect(propagationHeaders()).toEqual({ traceparent });
      expect(traceContextOf({ traceparent: given.replace('4bf9', '5bf9'), tracestate: 'foo=1' })).toEqual({
        traceparent,
      });
      return startSpan('inner');
    });
    inner.end();
    const [outer, child] = exporter.getFinishedSpans();
    expect(child?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId);
    expect(inner.traceparent).toContain(child?.spanContext().spanId);
  });

  it('carry the tracestate of their parent, and pass it on', async () => {
    await withSpan('outer', { traceparent: given, tracestate: 'foo=1,bar=2' }, async ({ traceparent }) => {
      const headers = { traceparent, tracestate: 'foo=1,bar=2' };
      expect(propagationHeaders()).toEqual(headers);
      expect(traceContextOf({})).toEqual(headers);
      startSpan('inner').end();
    });
    expect(exporter.getFinishedSpans().map((span) => span.spanContext().traceState?.serialize())).toEqual([
      'foo=1,bar=2',
      'foo=1,bar=2',
    ]);
  });

  it('record an error and rethrow it', async () => {
    await expect(withSpan('process', {}, () => Promise.reject(new Error('boom')))).rejects.toThrow('boom');
    startSpan('send').end('refused');
    const [thrown, ended] = exporter.getFinishedSpans();
    expect(thrown?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'boom' });
    expect(thrown?.events[0]?.name).toBe('exception');
    expect(ended?.status.message).toBe('refused');
  });
});
