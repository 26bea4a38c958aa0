import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Logger, Module, Param, Post, Req } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { currentTraceparent, traceIdOf, traceContextOf } from '@orderflow/telemetry';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { FastifyRequest } from 'fastify';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { createHttpApp } from './index.js';

const exporter = new InMemorySpanExporter();
let arrived: () => void;

@Controller('orders')
class OrdersController {
  @Post()
  place() {
    return traceContextOf({});
  }

  /** Answers once its client has gone. */
  @Post('late')
  async late(@Req() { raw }: FastifyRequest) {
    arrived();
    await once(raw.socket, 'close');
    return {};
  }

  @Get(':orderId')
  one(@Param('orderId') orderId: string) {
    if (orderId === 'broken') throw new Error('broken');
    return { traceparent: currentTraceparent() };
  }
}

@Module({ controllers: [OrdersController] })
class OrdersModule {}

let app: NestFastifyApplication;
beforeAll(async () => {
  Logger.overrideLogger(false);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
  app = await createHttpApp(OrdersModule, { service: 'probe', auth: 'off', closeGraceMs: 100 });
  await app.listen(0, '127.0.0.1');
});
afterAll(() => app.close());

async function send(method: 'GET' | 'POST', url: string, headers: Record<string, string> = {}) {
  exporter.reset();
  const answer = await app.inject({ method, url, headers });
  return { answer, spans: exporter.getFinishedSpans() };
}

const given = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

/** Posts over a connection, with header lines as they are given. @returns the trace id of the request */
async function postedTrace(traceparents: readonly string[]): Promise<string | undefined> {
  const { port } = app.getHttpServer().address() as AddressInfo;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const headers = { traceparent: [...traceparents], tracestate: 'foo=1,bar=2' };
    request({ host: '127.0.0.1', port, path: '/orders', method: 'POST', headers }, resolve).on('error', reject).end();
  });
  return traceIdOf(((await json(answer)) as { traceparent: string }).traceparent);
}

describe('a request', () => {
  it('has a span by the semantic conventions, which is active while it is handled', async () => {
    const { answer, spans } = await send('POST', '/orders?secret=1');
    expect(spans).toHaveLength(1);
    expect(spans[0]).toMatchObject({
      name: 'POST /orders',
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/orders',
        'http.response.status_code': 201,
        'url.path': '/orders',
      },
    });
    expect(traceIdOf(answer.json<{ traceparent: string }>().traceparent)).toBe(spans[0]!.spanContext().traceId);
  });

  it('joins the trace of the caller', async () => {
    const { spans } = await send('POST', '/orders', { traceparent: given });
    expect(spans[0]?.parentSpanContext?.spanId).toBe('00f067aa0ba902b7');
    expect((await send('GET', '/orders/1', { traceparent: given })).spans).toHaveLength(1);
  });

  it('passes the tracestate of the caller on', async () => {
    const { answer, spans } = await send('POST', '/orders', { traceparent: given, tracestate: 'foo=1, bar=2' });
    expect(spans[0]!.spanContext().traceState?.serialize()).toBe('foo=1,bar=2');
    expect(answer.json()).toMatchObject({ tracestate: 'foo=1,bar=2' });
  });

  it('that only reads starts no trace, and neither do health, metrics and docs', async () => {
    for (const url of ['/orders/1', '/metrics', '/docs-json', '/health/live'])
      expect((await send('GET', url)).spans).toEqual([]);
    expect((await send('GET', '/metrics', { traceparent: given })).spans).toEqual([]);
  });

  it('answered with a 5xx is an error span', async () => {
    const { spans } = await send('GET', '/orders/broken', { traceparent: given });
    expect(spans[0]).toMatchObject({ status: { code: 2 }, attributes: { 'http.response.status_code': 500 } });
  });

  it('has its span and its duration also where the client has gone before the answer', async () => {
    exporter.reset();
    const gone = new AbortController();
    const arrival = new Promise<void>((resolve) => (arrived = resolve));
    const { port } = app.getHttpServer().address() as AddressInfo;
    const answer = fetch(`http://127.0.0.1:${port}/orders/late`, { method: 'POST', signal: gone.signal });
    await arrival;
    gone.abort();
    await expect(answer).rejects.toThrow('aborted');
    while (exporter.getFinishedSpans().length === 0) await new Promise(setImmediate);
    expect(exporter.getFinishedSpans()).toMatchObject([{ name: 'POST /orders/late' }]);
    const { answer: metrics } = await send('GET', '/metrics');
    expect(metrics.payload).toContain('http_route="/orders/late"');
  });

  // Three: two requests were sent by the tests above.
  it('is counted by route, method and status, and every unknown path under one name', async () => {
    await send('GET', '/orders/2');
    await send('GET', '/anything/at/all');
    const { answer } = await send('GET', '/metrics');
    expect(answer.headers['content-type']).toContain('application/openmetrics-text');
    const counted = answer.payload
      .split('\n')
      .filter((line) => line.startsWith('http_server_request_duration_seconds_count'));
    expect(counted).toContainEqual(
      expect.stringContaining(
        'http_request_method="GET",http_route="/orders/:orderId",http_response_status_code="200"} 3',
      ),
    );
    expect(counted).toContainEqual(expect.stringContaining('http_route="none",http_response_status_code="404"} 1'));
    expect(counted.join()).not.toMatch(/anything|metrics/);
  });
});

const TRACE = '12345678901234567890123456789012';
const SPAN = '1234567890123456';

// The cases of https://github.com/w3c/trace-context/blob/main/test/test.py for the header traceparent.
describe('the traceparent of a request', () => {
  it.each([
    ['of version 00', [`00-${TRACE}-${SPAN}-01`]],
    ['that is not sampled', [`00-${TRACE}-${SPAN}-00`]],
    ['with the random flag', [`00-${TRACE}-${SPAN}-02`]],
    ['with both flags', [`00-${TRACE}-${SPAN}-03`]],
    ['of a later version', [`cc-${TRACE}-${SPAN}-01`]],
    ['of a later version with more', [`cc-${TRACE}-${SPAN}-01-what-the-future-will-be-like`]],
    ['between spaces', [` 00-${TRACE}-${SPAN}-01 `]],
    ['between tabs', [`\t00-${TRACE}-${SPAN}-01\t`]],
  ])('%s is joined', async (_what, traceparents) => {
    expect(await postedTrace(traceparents)).toBe(TRACE);
  });

  it.each([
    ['of a later version that goes on without a dash', [`cc-${TRACE}-${SPAN}-01.what`]],
    ['of version 00 that ends with a dot', [`00-${TRACE}-${SPAN}-01.`]],
    ['of version 00 with more', [`00-${TRACE}-${SPAN}-01-what`]],
    ['of version ff', [`ff-${TRACE}-${SPAN}-01`]],
    ['without a trace', [`00-${'0'.repeat(32)}-${SPAN}-01`]],
    ['without a span', [`00-${TRACE}-${'0'.repeat(16)}-01`]],
    ['that is given twice', [`00-${TRACE.slice(0, 31)}1-${SPAN}-01`, `00-${TRACE}-${SPAN}-01`]],
    ['in upper case', [`00-${TRACE.replace('9', 'A')}-${SPAN}-01`]],
  ])('%s counts as absent', async (_what, traceparents) => {
    expect(await postedTrace(traceparents)).not.toMatch(/^1234567890/);
  });
});
