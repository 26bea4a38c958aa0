import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Logger, Module, Param, Post, Res } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Authentication } from '@orderflow/auth';
import { TestTokens } from '@orderflow/testing/tokens';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { EdgeSettings } from './adapter.js';
import { createHttpApp } from './app.js';
import { EntityTagged } from './entity-tags.js';
import { EventStream, EventStreamed } from './event-stream.js';

const SHOP = 'https://shop.example';
const note = z.strictObject({ text: z.string() });

@Controller('notes')
class NotesController {
  @Get('news')
  @EventStreamed()
  news(@Res() reply: FastifyReply) {
    new EventStream(reply, undefined).end();
  }

  @Get(':id')
  @EntityTagged()
  one(@Param('id') id: string) {
    return { id };
  }

  @Post(':id/close')
  close(@Body({ schema: note }) body: z.infer<typeof note>) {
    return body;
  }
}

@Module({ controllers: [NotesController] })
class NotesModule {}

let app: NestFastifyApplication;

const start = async (edge: EdgeSettings, auth: Authentication = 'off') => {
  const routes = { 'GET /notes/*': ['customer'], 'POST /notes/:id/close': ['customer'], 'GET /*': 'anyone' } as const;
  app = await createHttpApp(NotesModule, { service: 'notes', auth, routes, closeGraceMs: 100, edge });
  await app.listen(0, '127.0.0.1');
};
beforeEach(() => Logger.overrideLogger(false));
afterEach(() => app.close());

const send = (
  method: 'GET' | 'POST' | 'PUT' | 'OPTIONS',
  url: string,
  headers: Record<string, string> = {},
  remoteAddress = '127.0.0.1',
) => app.inject({ method, url, headers, remoteAddress });

const preflight = (url: string, origin: string, method: string) =>
  send('OPTIONS', url, {
    origin,
    'access-control-request-method': method,
    'access-control-request-headers': 'authorization,idempotency-key,if-match',
  });

const ofCors = (headers: Record<string, unknown>): string[] =>
  Object.keys(headers).filter((name) => /^(access-control-|vary$)/.test(name));

const listOf = (header: unknown): string[] => String(header).toLowerCase().split(', ');

describe('without a setting', () => {
  it('no header of CORS is sent, not even to a preflight', async () => {
    await start({});
    for (const { statusCode, headers } of [
      await send('GET', '/notes/1', { origin: SHOP }),
      await preflight('/notes/1', SHOP, 'GET'),
    ])
      expect([Math.floor(statusCode / 100), ofCors(headers)]).toEqual([2, []]);
  });
});

describe('a page of an allowed origin', () => {
  beforeEach(() => start({ allowedOrigins: ['http://127.0.0.1:8080', SHOP], requestsPerSecond: 1 }));

  it.each([
    ['an answer', 'GET', '/notes/1', 200],
    ['404', 'GET', '/none', 404],
    ['405', 'PUT', '/notes/1', 405],
    ['400', 'POST', '/notes/1/close', 400],
    ['a stream', 'GET', '/notes/news', 200],
  ] as const)('reads every answer, without credentials: %s', async (_what, method, url, status) => {
    const { statusCode, headers } = await send(method, url, { origin: SHOP });
    expect(statusCode).toBe(status);
    expect(headers).toMatchObject({ 'access-control-allow-origin': SHOP, vary: 'Origin' });
    expect(headers['access-control-allow-credentials']).toBeUndefined();
  });

  it('reads the headers that a client works with, also of an unchanged answer', async () => {
    const { headers } = await send('GET', '/notes/1', { origin: SHOP });
    expect(listOf(headers['access-control-expose-headers'])).toEqual(
      expect.arrayContaining([
        'etag',
        'location',
        'retry-after',
        'ratelimit-limit',
        'ratelimit-remaining',
        'ratelimit-reset',
      ]),
    );
    const unchanged = await send('GET', '/notes/1', { origin: SHOP, 'if-none-match': String(headers['etag']) });
    expect(unchanged.statusCode).toBe(304);
    expect(unchanged.headers).toMatchObject({ 'access-control-allow-origin': SHOP, vary: 'Origin' });
  });

  it('reads that it asked too often', async () => {
    await send('GET', '/notes/1', { origin: SHOP }, '203.0.113.7');
    const { statusCode, headers } = await send('GET', '/notes/1', { origin: SHOP }, '203.0.113.7');
    expect(statusCode).toBe(429);
    expect(headers).toMatchObject({ 'access-control-allow-origin': SHOP, 'retry-after': '1' });
  });

  it('may send the headers of the API, by the methods that the address has', async () => {
    for (const [url, methods] of [
      ['/notes/1', 'GET, HEAD, OPTIONS'],
      ['/notes/1/close', 'OPTIONS, POST'],
    ] as const) {
      const { statusCode, headers } = await preflight(url, SHOP, 'POST');
      expect(statusCode).toBe(204);
      expect(headers).toMatchObject({
        allow: methods,
        'access-control-allow-origin': SHOP,
        'access-control-allow-methods': methods,
        'access-control-max-age': '600',
        vary: 'Origin',
      });
      expect(listOf(headers['access-control-allow-headers'])).toEqual(
        expect.arrayContaining(['authorization', 'content-type', 'idempotency-key', 'if-match', 'if-none-match']),
      );
      expect(headers['access-control-allow-credentials']).toBeUndefined();
    }
  });

  it('gets no methods of an unknown address, and none without asking', async () => {
    const unknown = await preflight('/none', SHOP, 'GET');
    expect([unknown.statusCode, unknown.headers['access-control-allow-methods']]).toEqual([404, undefined]);
    const { statusCode, headers } = await send('OPTIONS', '/notes/1', { origin: SHOP });
    expect([statusCode, headers['access-control-allow-methods']]).toEqual([204, undefined]);
  });
});

describe('a page of another origin', () => {
  it.each(['https://elsewhere.example', 'http://shop.example', 'https://shop.example:8443', 'null'])(
    'reads nothing, and no cache mixes the answers: %s',
    async (origin) => {
      await start({ allowedOrigins: [SHOP] });
      for (const { headers } of [await send('GET', '/notes/1', { origin }), await preflight('/notes/1', origin, 'GET')])
        expect([ofCors(headers), headers['vary']]).toEqual([['vary'], 'Origin']);
    },
  );
});

describe('where callers need a token', () => {
  it('a preflight needs none, and a page reads that the request needs one', async () => {
    await start({ allowedOrigins: [SHOP] }, (await TestTokens.create()).verifier);
    expect((await preflight('/notes/1', SHOP, 'GET')).headers['access-control-allow-methods']).toBe(
      'GET, HEAD, OPTIONS',
    );
    const { statusCode, headers } = await send('GET', '/notes/1', { origin: SHOP });
    expect([statusCode, headers['access-control-allow-origin']]).toEqual([401, SHOP]);
  });
});
