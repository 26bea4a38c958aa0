import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Body, Controller, Get, Logger, Module, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect, Server as NetServer, type Socket } from 'node:net';
import { z } from 'zod';
import type { EdgeSettings } from './adapter.js';
import { createHttpApp, listenAt } from './index.js';

const note = z.strictObject({ text: z.string() }).meta({ id: 'Note' });

@Controller('notes')
class NotesController {
  @Get()
  all() {
    return [];
  }

  @Post()
  write(@Body({ schema: note }) body: z.infer<typeof note>) {
    return body;
  }
}

@Module({ controllers: [NotesController] })
class NotesModule {}

let app: NestFastifyApplication;
let sockets: Socket[];
const start = async (edge: EdgeSettings = {}) => {
  app = await createHttpApp(NotesModule, { service: 'notes', auth: 'off', closeGraceMs: 100, edge });
  await listenAt(app, '127.0.0.1', 0);
};

beforeEach(() => {
  Logger.overrideLogger(false);
  sockets = [];
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await app.close();
});

const address = () => `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;

/** A connection that sends these bytes, and then nothing. */
async function opened(bytes: string): Promise<{ answer: Promise<string>; socket: Socket }> {
  const socket = connect(Number(new URL(address()).port), '127.0.0.1');
  sockets.push(socket);
  await once(socket, 'connect');
  if (bytes !== '') socket.write(bytes);
  let received = '';
  socket.on('data', (data) => (received += String(data)));
  // A connection that the server resets: `close` follows.
  socket.on('error', () => undefined);
  return { socket, answer: once(socket, 'close').then(() => received) };
}

const opening = 'POST /notes HTTP/1.1\r\nhost: notes\r\n';
const half = `${opening}content-type: application/json\r\n`;

it('gives headers five seconds, and a whole request thirty', async () => {
  await start();
  const { headersTimeout, requestTimeout } = app.getHttpServer() as Server;
  expect([headersTimeout, requestTimeout]).toEqual([5_000, 30_000]);
});

it('lets as many connections wait as it takes', async () => {
  const listen = jest.spyOn(NetServer.prototype, 'listen');
  await start();
  expect(listen.mock.lastCall).toMatchObject([{ backlog: 4_000 }]);
  listen.mockRestore();
});

describe('connections that send nothing, or half of a request', () => {
  beforeEach(async () => {
    await start();
    (app.getHttpServer() as Server).headersTimeout = 500;
  });

  it('are closed within seconds, and others are answered meanwhile', async () => {
    const open = await Promise.all([...Array<string>(20).fill(''), ...Array<string>(20).fill(half)].map(opened));
    expect((await fetch(`${address()}/notes`)).status).toBe(200);
    const answers = await Promise.all(open.map(({ answer }) => answer));
    expect(answers.filter((it) => it.startsWith('HTTP/1.1 408') && it.includes('request-timeout'))).toHaveLength(40);
  }, 15_000);

  it('do not wait longer where a byte arrives now and then', async () => {
    const { socket, answer } = await opened(opening);
    const drip = setInterval(() => socket.write('x'), 200);
    expect(await answer).toMatch(/^HTTP\/1\.1 408 /);
    clearInterval(drip);
  }, 15_000);
});

it('a client whose request does not come, and that leaves its side of the connection open, is cut off', async () => {
  await start();
  const server = app.getHttpServer() as Server;
  const { port } = server.address() as AddressInfo;
  // The server resets it in the end.
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => undefined);
  sockets.push(socket);
  socket.write('POST /notes HTTP/1.1\r\nhost: notes\r\n');
  expect(String(await once(socket, 'data'))).toMatch(/^HTTP\/1\.1 408 /);
  const connections = async () => new Promise((resolve) => server.getConnections((_, open) => resolve(open)));
  while ((await connections()) !== 0) await new Promise(setImmediate);
}, 15_000);

describe('headers of a request', () => {
  it('of more than 16 KiB are answered with 431', async () => {
    await start();
    const { answer } = await opened(`${opening}x: ${'y'.repeat(17_000)}\r\n\r\n`);
    expect(await answer).toMatch(/^HTTP\/1\.1 431 .*urn:orderflow:problem:headers-too-large/s);
  });
});

const from = async (remoteAddress: string, headers: Record<string, string> = {}, url = '/notes') => {
  const { statusCode, headers: sent, payload } = await app.inject({ url, remoteAddress, headers });
  return { statusCode, headers: sent, payload };
};

describe('a caller that asks more often than the limit', () => {
  beforeEach(() => start({ requestsPerSecond: 2 }));

  it('is told how much is left, then refused with 429 and Retry-After, on every address', async () => {
    expect((await from('203.0.113.7')).headers).toMatchObject({
      'ratelimit-limit': '2',
      'ratelimit-remaining': '1',
      'ratelimit-reset': '1',
    });
    expect((await from('203.0.113.7', {}, '/none')).statusCode).toBe(404);
    const refused = await from('203.0.113.7');
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '1']);
    expect(JSON.parse(refused.payload)).toMatchObject({ type: 'urn:orderflow:problem:too-many-requests' });
    expect((await from('203.0.113.7', {}, '/none')).statusCode).toBe(429);
  });

  it('does not take the share of another one, whatever it claims in X-Forwarded-For', async () => {
    for (let i = 0; i < 3; i++) await from('203.0.113.7', { 'x-forwarded-for': `198.51.100.${i}` });
    expect((await from('203.0.113.7', { 'x-forwarded-for': '198.51.100.9' })).statusCode).toBe(429);
    expect((await from('198.51.100.9')).statusCode).toBe(200);
  });

  it('is one caller with all the addresses of an IPv6 network', async () => {
    for (let i = 1; i < 4; i++) await from(`2001:db8::${i}`);
    expect((await from('2001:db8::9')).statusCode).toBe(429);
    expect((await from('2001:db8:0:1::9')).statusCode).toBe(200);
  });

  it('is not limited on this machine, nor where it polls health and metrics', async () => {
    for (let i = 0; i < 3; i++) expect((await from('127.0.0.1')).statusCode).toBe(200);
    for (let i = 0; i < 3; i++) expect((await from('203.0.113.8', {}, '/metrics')).statusCode).toBe(200);
  });
});

describe('a caller behind a trusted proxy', () => {
  it('is known by the address that the proxy has added', async () => {
    await start({ requestsPerSecond: 1, trustedProxies: ['10.0.0.0/8'] });
    const through = (forwarded: string) => from('10.0.0.2', { 'x-forwarded-for': forwarded });
    expect((await through('198.51.100.1, 203.0.113.7')).statusCode).toBe(200);
    expect((await through('198.51.100.2, 203.0.113.7')).statusCode).toBe(429);
    expect((await through('203.0.113.8')).statusCode).toBe(200);
  });
});

describe('every answer', () => {
  beforeEach(() => start({ requestsPerSecond: 1 }));

  it.each([
    ['an answer', 'GET', '/notes', 200],
    ['404', 'GET', '/none', 404],
    ['405', 'PUT', '/notes', 405],
    ['415', 'POST', '/notes', 415],
  ])('has security headers, and none of CORS or of the framework: %s', async (_name, method, url, status) => {
    const headers = { origin: 'https://elsewhere.example', 'content-type': 'text/plain' };
    const answer = await app.inject({
      method: method as 'GET',
      url,
      headers,
      ...(method === 'POST' && { payload: 'x' }),
    });
    expect(answer.statusCode).toBe(status);
    expect(answer.headers).toMatchObject({
      'content-security-policy': "default-src 'none';frame-ancestors 'none'",
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(Object.keys(answer.headers).filter((it) => /^(access-control|x-powered-by|server$)/.test(it))).toEqual([]);
  });

  it('of an exhausted limit has them as well', async () => {
    await from('203.0.113.7');
    const { statusCode, headers } = await from('203.0.113.7');
    expect([statusCode, headers['x-frame-options']]).toEqual([429, 'DENY']);
  });

  it('of the docs lets Swagger UI run', async () => {
    const { headers } = await app.inject('/docs');
    expect(headers['content-security-policy']).toMatch(/script-src 'self';.*style-src 'self' 'unsafe-inline'/);
  });
});

describe('a body that is nested', () => {
  it('sixteen levels deep at most reaches its schema', async () => {
    await start();
    const nested = (levels: number) => `${'{"text":'.repeat(levels)}1${'}'.repeat(levels)}`;
    const send = async (levels: number) =>
      (
        await app.inject({
          method: 'POST',
          url: '/notes',
          headers: { 'content-type': 'application/json' },
          payload: nested(levels),
        })
      ).json();
    expect(await send(16)).toMatchObject({ detail: 'The body is not valid.' });
    expect(await send(17)).toMatchObject({ status: 400, detail: 'The request has more than 16 levels.' });
  });
});
