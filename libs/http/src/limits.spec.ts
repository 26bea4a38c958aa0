import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { boundAnswers, boundRequests, connectionsWithin, refusePipelined } from './limits.js';

/** Bytes, more than the buffers of two sockets take. */
const LARGE = 30_000_000;

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
  refusePipelined(app);
  boundRequests(app, 2);
  boundAnswers(app, 500);
  app.get('/held', () => new Promise((resolve) => open.push(() => resolve('done'))));
  app.get('/stream', (_request, reply) => {
    reply.hijack();
    reply.raw.writeHead(200).write('begun');
  });
  app.post('/notes', async () => 'written');
  app.get('/large', async () => 'x'.repeat(LARGE));
  app.get('/health/live', async () => 'ok');
  await app.listen({ port: 0, host: '127.0.0.1' });
});
afterEach(async () => {
  release();
  for (const socket of sockets) socket.destroy();
  await app.close();
});

const release = () => open.splice(0).forEach((answer) => answer());

/** A connection that sends these bytes, and takes none before `resume()`. */
function sent(bytes: string): Socket {
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1').pause();
  // A connection that the server resets: `close` follows.
  sockets.push(socket.on('error', () => undefined));
  socket.write(bytes);
  return socket;
}

const ask = (path: string) => `GET ${path} HTTP/1.1\r\nhost: notes\r\n\r\n`;

const received = async (socket: Socket): Promise<string> => {
  let text = '';
  socket.on('data', (data) => (text += String(data))).resume();
  await once(socket, 'close');
  return text;
};

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
    const half = 'POST /notes HTTP/1.1\r\nhost: notes\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nx';
    for (let i = 0; i < 3; i++) sent(half);
    while (arrived < sockets.length) await new Promise(setImmediate);
    expect((await app.inject('/none')).statusCode).toBe(404);
  });

  it('counts a request until its answer is made: clients that do not take theirs hold no places', async () => {
    for (let i = 0; i < 3; i++) sent(ask('/large'));
    while (arrived < sockets.length) await new Promise(setImmediate);
    expect((await app.inject('/none')).statusCode).toBe(404);
  });

  it('has a bound on its connections, fewer where its heap is small', () => {
    expect(app.server.maxConnections).toBe(4_000);
    expect(connectionsWithin(78 * 1024 * 1024)).toBe(624);
  });
});

describe('a client that does not take its answer', () => {
  /** Resolves once so many connections are open. */
  const untilOpen = async (count: number) => {
    const connections = async () => new Promise((resolve) => app.server.getConnections((_, open) => resolve(open)));
    while ((await connections()) !== count) await new Promise(setImmediate);
  };

  it('is cut in the end; one that has taken it and asks again is not', async () => {
    const good = sent(ask('/none')).resume();
    await once(good, 'data');
    good.write(ask('/held'));
    while (open.length === 0) await new Promise(setImmediate);
    const silent = sent(ask('/large'));
    await untilOpen(2);
    await untilOpen(1);
    release();
    expect(String(await once(good, 'data'))).toMatch(/^HTTP\/1\.1 200 /);
    expect((await received(silent)).length).toBeLessThan(LARGE);
  });
});

describe('requests that are sent before the answer to the one before', () => {
  it('are refused without effect, and the connection ends', async () => {
    const socket = sent(ask('/held') + ask('/held').repeat(100));
    while (open.length === 0) await new Promise(setImmediate);
    const answers = received(socket);
    expect((await app.inject('/none')).statusCode).toBe(404);
    release();
    const [first, second, ...rest] = (await answers).split('HTTP/1.1 ').slice(1);
    expect(first).toMatch(/^200 .*done$/s);
    expect(second).toMatch(/^503 .*retry-after: 1.*urn:orderflow:problem:overloaded/s);
    expect([rest, open]).toEqual([[], []]);
  });
});
