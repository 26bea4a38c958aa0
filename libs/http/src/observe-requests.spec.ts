import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Logger, Module, Param, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { currentTraceparent, traceIdOf, traceparentOf } from '@orderflow/telemetry';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { createHttpApp } from './index.js';

const exporter = new InMemorySpanExporter();

@Controller('orders')
class OrdersController {
  @Post()
  place() {
    return { traceparent: traceparentOf({}) };
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
  app = await createHttpApp(OrdersModule, { service: 'probe', closeGraceMs: 100 });
  await app.init();
});
afterAll(() => app.close());

async function send(method: 'GET' | 'POST', url: string, headers: Record<string, string> = {}) {
  exporter.reset();
  const answer = await app.inject({ method, url, headers });
  return { answer, spans: exporter.getFinishedSpans() };
}

const given = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

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

  it('that only reads starts no trace, and neither do health, metrics and docs', async () => {
    for (const url of ['/orders/1', '/metrics', '/docs-json', '/health/live'])
      expect((await send('GET', url)).spans).toEqual([]);
    expect((await send('GET', '/metrics', { traceparent: given })).spans).toEqual([]);
  });

  it('answered with a 5xx is an error span', async () => {
    const { spans } = await send('GET', '/orders/broken', { traceparent: given });
    expect(spans[0]).toMatchObject({ status: { code: 2 }, attributes: { 'http.response.status_code': 500 } });
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
