import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, ConflictException, Controller, Get, Logger, Module, Param, Post, Query } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiResponse } from '@nestjs/swagger';
import { bounds } from '@orderflow/contracts';
import { BrokenRule } from '@orderflow/decider';
import { connect, type AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import type { Check } from './health.js';
import { createHttpApp, HealthModule, IdempotencyKey, pageQuery, Problem, text, uuid } from './index.js';

const orderSchema = z
  .strictObject({
    email: z.email(),
    name: text(20).optional(),
    lines: z.array(z.strictObject({ sku: z.string(), quantity: z.int().min(1).max(10_000) })).min(1),
  })
  .meta({ id: 'PlaceOrder' });

let ready: Check['probe'] = () => undefined;

const errors: Record<string, () => unknown> = {
  rule: () => new BrokenRule('cannot confirm an order that is cancelled'),
  transient: () => Object.assign(new Error('connect ECONNREFUSED db.internal:5432'), { transient: true }),
  unknown: () => new Error('select * from secrets at db.internal'),
  thrown: () => 'a string',
  conflict: () => new ConflictException('already completed'),
  own: () =>
    new Problem(422, 'unknown-sku', 'There is no such product.', { errors: [{ field: 'sku', message: 'unknown' }] }),
};

@Controller()
class ProbeController {
  @Post('orders')
  @ApiResponse({ status: 201, standardSchema: orderSchema })
  place(@Body({ schema: orderSchema }) body: z.infer<typeof orderSchema>) {
    return body;
  }

  @Get('orders/:orderId')
  one(@Param('orderId', { schema: uuid }) orderId: string) {
    return { orderId };
  }

  @Get('orders')
  list(@Query({ schema: pageQuery }) query: z.infer<typeof pageQuery>) {
    return query;
  }

  @Post('keyed')
  keyed(@IdempotencyKey() key: string, @Body() _body: object) {
    return { key };
  }

  @Get('fails/:how')
  fail(@Param('how') how: string) {
    throw errors[how]!();
  }
}

@Module({
  imports: [
    HealthModule.register({
      useFactory: () => ({ ready: [{ name: 'database', probe: () => ready() }] }),
    }),
  ],
  controllers: [ProbeController],
})
class ProbeModule {}

const good = { email: 'a@b.com', lines: [{ sku: 'TEA', quantity: 1 }] };
const json = { 'content-type': 'application/json' };
const orderWith = (change: object) => JSON.stringify({ ...good, ...change });

let app: NestFastifyApplication;
beforeAll(async () => {
  Logger.overrideLogger(false);
  app = await createHttpApp(ProbeModule, { service: 'probe', auth: 'off', closeGraceMs: 100 });
  await app.listen(0, '127.0.0.1');
});
afterAll(() => app.close());

async function send(method: string, url: string, payload?: string | Buffer, headers: Record<string, string> = json) {
  const answer = await app.inject({
    method: method as 'GET',
    url,
    ...(payload === undefined ? {} : { payload, headers }),
  });
  return { status: answer.statusCode, headers: answer.headers, text: answer.payload, body: answer.json<never>() };
}

/** Status and kind of a problem document, after a check that it reveals nothing internal. */
function problemOf(answer: Awaited<ReturnType<typeof send>>): [number, string] {
  const body = answer.body as { type: string; status: number };
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(body).toMatchObject({ status: answer.status, title: expect.any(String), detail: expect.any(String) });
  expect(answer.text).not.toMatch(/\bat .*:\d+:\d+|db\.internal|secrets|node_modules/);
  return [answer.status, body.type.replace('urn:orderflow:problem:', '')];
}

describe('a bad body', () => {
  it.each<[string, string | Buffer, number, string]>([
    ['malformed JSON', '{"email":', 400, 'malformed-json'],
    ['an empty body', '', 400, 'malformed-json'],
    ['a key __proto__', '{"__proto__":{"admin":true}}', 400, 'malformed-json'],
    ['an escaped key __proto__', '{"\\u005f_proto__":{"admin":true}}', 400, 'malformed-json'],
    ['a nested key __proto__', orderWith({ lines: [] }).replace('[]', '[{"__proto__":{}}]'), 400, 'malformed-json'],
    ['a key constructor with a prototype', '{"constructor":{"prototype":{}}}', 400, 'malformed-json'],
    ['a key constructor', orderWith({}).replace('{', '{"constructor":1,'), 400, 'validation'],
    ['a nested key constructor', orderWith({ lines: [{ constructor: 1 }] }), 400, 'validation'],
    ['a nested key prototype', orderWith({ lines: [{ prototype: 1 }] }), 400, 'validation'],
    ['a list instead of an object', '[]', 400, 'validation'],
    ['null', 'null', 400, 'validation'],
    ['a control character', orderWith({ name: 'a\u0000b' }), 400, 'validation'],
    ['deep nesting', `${'['.repeat(250_000)}${']'.repeat(250_000)}`, 400, 'validation'],
    ['more than 512 KiB', orderWith({ name: 'x'.repeat(bounds.bodyBytes) }), 413, 'payload-too-large'],
  ])('%s is answered with a problem', async (_name, body, status, kind) => {
    expect(problemOf(await send('POST', '/orders', body))).toEqual([status, kind]);
  });

  it.each([
    ['text/plain'],
    ['application/xml'],
    ['application/x-www-form-urlencoded'],
    ['multipart/form-data; boundary=x'],
    ['nonsense'],
  ])('of type %s is 415', async (type) => {
    expect(problemOf(await send('POST', '/orders', 'a=1', { 'content-type': type }))).toEqual([
      415,
      'unsupported-media-type',
    ]);
  });

  it('without any content is 400', async () => {
    expect(problemOf(await send('POST', '/orders'))).toEqual([400, 'malformed-json']);
  });

  it('is answered with every invalid field', async () => {
    const body = { email: 'no-address', lines: [{ sku: 'TEA', quantity: 0, colour: 'red' }], coupon: 'X', gift: true };
    const answer = await send('POST', '/orders', JSON.stringify(body));
    expect(problemOf(answer)).toEqual([400, 'validation']);
    const { errors: named } = answer.body as { errors: { field: string }[] };
    expect(named.map(({ field }) => field).toSorted()).toEqual(
      ['coupon', 'email', 'gift', 'lines[0].colour', 'lines[0].quantity'].toSorted(),
    );
  });

  it('with thousands of invalid fields gets a short answer', async () => {
    const answer = await send('POST', '/orders', orderWith({ lines: Array.from({ length: 5_000 }, () => ({ a: 1 })) }));
    expect(problemOf(answer)).toEqual([400, 'validation']);
    expect(answer.text.length).toBeLessThan(5_000);
  });
});

describe('an invalid URL', () => {
  it('is answered with the path parameter that is not a UUID', async () => {
    const answer = await send('GET', '/orders/1%20or%201=1');
    expect(problemOf(answer)).toEqual([400, 'validation']);
    expect(answer.body).toMatchObject({ errors: [{ field: 'orderId', message: 'must be a UUID' }] });
  });

  it.each([
    ['GET', '/nowhere', 404, 'not-found'],
    ['GET', '/orders/%zz/events', 400, 'bad-request'],
    ['GET', '/orders/%zz', 400, 'bad-request'],
    ['GET', `/orders/${'x'.repeat(1_001)}`, 414, 'uri-too-long'],
    ['GET', '/orders?limit=0', 400, 'validation'],
    ['GET', '/orders?limit=1e2', 400, 'validation'],
    ['GET', '/orders?limit=101', 400, 'validation'],
    ['GET', '/orders?limit=5&limit=6', 400, 'validation'],
    ['GET', '/orders?page=2', 400, 'validation'],
    ['GET', '/orders?after=%00', 400, 'validation'],
    ['GET', '/orders?__proto__=1', 400, 'validation'],
  ])('%s %s', async (method, url, status, kind) => {
    expect(problemOf(await send(method, url))).toEqual([status, kind]);
  });

  it('in malformed HTTP is answered with a problem on the socket', async () => {
    const { port } = app.getHttpServer().address() as AddressInfo;
    const answer = await new Promise<string>((resolve) => {
      let received = '';
      const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/9.9\r\nnonsense\r\n\r\n'));
      socket.on('data', (data) => (received += String(data)));
      socket.on('close', () => resolve(received));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 .*application\/problem\+json.*urn:orderflow:problem:bad-request/s);
  });
});

describe('an idempotency key', () => {
  it('is passed to the controller', async () => {
    expect((await send('POST', '/keyed', '{}', { ...json, 'idempotency-key': 'k-1' })).body).toEqual({ key: 'k-1' });
  });

  it.each([undefined, '', 'x'.repeat(256), 'ümlaut'])('%j is refused', async (key) => {
    const headers = key === undefined ? json : { ...json, 'idempotency-key': key };
    const answer = await send('POST', '/keyed', '{}', headers);
    expect(problemOf(answer)).toEqual([400, 'validation']);
    expect(answer.body).toMatchObject({ errors: [{ field: 'Idempotency-Key' }] });
  });
});

describe('an error', () => {
  it.each([
    ['rule', 409, 'broken-rule'],
    ['transient', 503, 'unavailable'],
    ['unknown', 500, 'internal'],
    ['thrown', 500, 'internal'],
    ['conflict', 409, 'conflict'],
    ['own', 422, 'unknown-sku'],
  ])('%s is %d %s', async (how, status, kind) => {
    const answer = await send('GET', `/fails/${how}?email=a@b.com`);
    expect(problemOf(answer)).toEqual([status, kind]);
    expect(answer.body).toMatchObject({ instance: `/fails/${how}` });
    expect(answer.headers['retry-after']).toBe(status === 503 ? '2' : undefined);
  });

  it('with a message for the caller is sent with that message', async () => {
    expect((await send('GET', '/fails/rule')).body).toMatchObject({
      detail: 'cannot confirm an order that is cancelled',
    });
    expect((await send('GET', '/fails/conflict')).body).toMatchObject({ detail: 'already completed' });
  });
});

describe('a valid request', () => {
  it('reaches the controller unchanged, with ids in lower case and default page size', async () => {
    expect((await send('POST', '/orders', JSON.stringify(good))).body).toEqual(good);
    const id = '0198D7A0-0000-7000-8000-00000000ABCD';
    expect((await send('GET', `/orders/${id}`)).body).toEqual({ orderId: id.toLowerCase() });
    expect((await send('GET', '/orders')).body).toEqual({ limit: 50 });
    expect((await send('GET', '/orders?limit=7&after=x')).body).toEqual({ limit: 7, after: 'x' });
  });

  it('is described at /docs-json, with named schemas', async () => {
    const { body } = await send('GET', '/docs-json');
    expect(body).toMatchObject({
      info: { title: 'probe' },
      components: { schemas: { PlaceOrder: { properties: { email: { type: 'string' } } } } },
    });
    const page = await app.inject({ method: 'GET', url: '/docs' });
    expect(page.statusCode).toBe(200);
    expect(page.payload).toContain('swagger-ui');
  });
});

describe('health', () => {
  it('is ok with its checks', async () => {
    expect((await send('GET', '/health/live')).body).toEqual({ status: 'ok', checks: [] });
    expect((await send('GET', '/health/ready')).body).toEqual({
      status: 'ok',
      checks: [{ name: 'database', status: 'up' }],
    });
  });

  it('is 503 with the failing checks, without their reasons', async () => {
    ready = () => Promise.reject(new Error('connect ECONNREFUSED db.internal:5432'));
    const answer = await send('GET', '/health/ready');
    expect(problemOf(answer)).toEqual([503, 'unhealthy']);
    expect(answer.body).toMatchObject({ checks: [{ name: 'database', status: 'down' }] });
    expect(answer.headers['retry-after']).toBe('2');
  });

  it('live stays ok while ready fails: it is about this process alone', async () => {
    ready = () => Promise.reject(new Error('the broker is away'));
    expect((await send('GET', '/health/ready')).status).toBe(503);
    expect((await send('GET', '/health/live')).body).toEqual({ status: 'ok', checks: [] });
  });

  it('shows each check of ready as a metric, also one that never answers', async () => {
    const shown = async () => {
      // Readings are shared until the end of a turn.
      await setImmediate();
      return (await app.inject('/metrics')).payload.match(/^orderflow_ready_checks.*$/m)?.[0];
    };
    ready = () => undefined;
    expect(await shown()).toBe('orderflow_ready_checks{check="database"} 1');
    ready = () => new Promise(() => undefined);
    expect(await shown()).toBe('orderflow_ready_checks{check="database"} 0');
  });

  it('does not wait for a probe that never answers', async () => {
    ready = () => new Promise(() => undefined);
    expect(problemOf(await send('GET', '/health/ready'))).toEqual([503, 'unhealthy']);
  });
});
