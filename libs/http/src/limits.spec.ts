import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AddressInfo, connect, type Socket } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { boundRequests } from './limits.js';

let app: FastifyInstance;
let open: (() => void)[];
let arrived: number;
let sockets: Socket[];

beforeEach(async () => {
  open = [];
  arrived = 0;
  sockets = [];
  app = fastify();
  app.addHook('onRequest', async () => void arrived++);
  boundRequests(app, 2);
  app.get('/held', () => new Promise((resolve) => open.push(() => resolve('done'))));
  app.get('/stream', (_request, reply) => {
    reply.hijack();
    reply.raw.writeHead(200).write('begun');
  });
  app.post('/notes', async () => 'written');
  app.get('/health/live', async () => 'ok');
  await app.listen({ port: 0, host: '127.0.0.1' });
});
afterEach(async () => {
  release();
  for (const socket of sockets) socket.destroy();
  await app.close();
});

const release = () => open.splice(0).forEach((answer) => answer());

/** A request, once its handler runs. */
async function held(signal?: AbortSignal) {
  const before = open.length;
  const answer = fetch(`${app.listeningOrigin}/held`, signal ? { signal } : {});
  // The caller awaits it after this loop: a client that goes away during it would be an unhandled rejection.
  answer.catch(() => undefined);
  while (open.length === before) await new Promise(setImmediate);
  return answer;
}

describe('a service with as many requests as it takes at once', () => {
  it('answers further ones with 503 and Retry-After, and health checks as ever', async () => {
    const answers = [held(), held()];
    while (open.length < 2) await new Promise(setImmediate);
    const refused = await app.inject('/held');
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '1']);
    expect(refused.json()).toMatchObject({ type: 'urn:orderflow:problem:overloaded' });
    expect((await app.inject('/health/live')).statusCode).toBe(200);
    release();
    for (const answer of answers) expect((await answer).status).toBe(200);
  });

  it('counts a request until it is done, also where its client has gone', async () => {
    const gone = new AbortController();
    // A client that has gone gets no answer.
    void held(gone.signal).catch(() => undefined);
    void held();
    while (open.length < 2) await new Promise(setImmediate);
    gone.abort();
    expect((await app.inject('/none')).statusCode).toBe(503);
    release();
    while ((await app.inject('/none')).statusCode === 503) await new Promise(setImmediate);
    expect((await app.inject('/none')).statusCode).toBe(404);
  });

  it('counts a stream until its client has gone', async () => {
    const gone = [new AbortController(), new AbortController()];
    for (const { signal } of gone) await fetch(`${app.listeningOrigin}/stream`, { signal });
    expect((await app.inject('/none')).statusCode).toBe(503);
    for (const it of gone) it.abort();
    while ((await app.inject('/none')).statusCode === 503) await new Promise(setImmediate);
    expect((await app.inject('/none')).statusCode).toBe(404);
  });

  it('counts a request once it has arrived: slow bodies take no places', async () => {
    const { port } = app.server.address() as AddressInfo;
    const half = 'POST /notes HTTP/1.1\r\nhost: notes\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nx';
    sockets = Array.from({ length: 3 }, () => connect(port, '127.0.0.1'));
    for (const socket of sockets) socket.write(half);
    while (arrived < sockets.length) await new Promise(setImmediate);
    expect((await app.inject('/none')).statusCode).toBe(404);
  });

  it('has a bound on its connections', () => {
    expect(app.server.maxConnections).toBe(4_000);
  });
});
