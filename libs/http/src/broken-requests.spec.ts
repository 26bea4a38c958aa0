import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { httpAdapter } from './adapter.js';

let app: FastifyInstance;
/** Ends the answers that are under way. */
let open: (() => void)[];
let sockets: Socket[];

beforeEach(async () => {
  open = [];
  sockets = [];
  app = httpAdapter({ service: 'notes', auth: 'off' }, 100).getInstance() as FastifyInstance;
  app.get('/notes', async () => []);
  app.post('/notes', async () => 'written');
  app.get('/held', () => new Promise((resolve) => open.push(() => resolve('done'))));
  app.get('/begun', (_request, reply) => {
    reply.hijack();
    reply.raw.writeHead(200, { 'content-type': 'text/plain' }).write('first,');
    open.push(() => reply.raw.end('last'));
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await app.close();
});

const GARBAGE = '\u0001\u0002\r\n\r\n';
const ask = (path: string) => `GET ${path} HTTP/1.1\r\nhost: notes\r\n\r\n`;
const opening = 'POST /notes HTTP/1.1\r\nhost: notes\r\ncontent-type: application/json\r\n';

function opened(bytes: string): { socket: Socket; text: Promise<string> } {
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  // A connection that the server resets: `close` follows.
  sockets.push(socket.on('error', () => undefined));
  let received = '';
  socket.on('data', (data) => (received += String(data)));
  socket.write(bytes);
  return { socket, text: once(socket, 'close').then(() => received) };
}

const answersIn = (text: string): string[] => text.split('HTTP/1.1 ').slice(1);

const untilOpen = async () => {
  while (open.length === 0) await new Promise(setImmediate);
};
const finish = () => open.splice(0).forEach((end) => end());

/** Resolves once the server has reported bytes that are no request. */
const reported = async (how: () => void) => {
  const report = once(app.server, 'clientError');
  how();
  await report;
};

describe('bytes that are no request', () => {
  it('are answered with 400 where no answer is due, also after one', async () => {
    expect(answersIn(await opened(GARBAGE).text)).toEqual([expect.stringMatching(/^400 .*problem:bad-request/s)]);
    const { socket, text } = opened(ask('/notes'));
    await once(socket, 'data');
    socket.write(GARBAGE);
    expect(answersIn(await text)).toEqual([
      expect.stringMatching(/^200 /),
      expect.stringMatching(/^400 .*problem:bad-request/s),
    ]);
  });

  it.each([
    ['/held', /^200 .*done$/s],
    ['/begun', /^200 .*first,.*last/s],
  ])('become no part of an answer that is under way: %s', async (path, whole) => {
    const { socket, text } = opened(ask(path));
    await untilOpen();
    await reported(() => socket.write(GARBAGE));
    // Each further packet is reported too.
    await reported(() => socket.write(GARBAGE));
    finish();
    expect(answersIn(await text)).toEqual([expect.stringMatching(whole)]);
  });

  it('are answered where they are the body of a request without an answer', async () => {
    const { text } = opened(`${opening}transfer-encoding: chunked\r\n\r\nno length\r\n`);
    expect(answersIn(await text)).toEqual([expect.stringMatching(/^400 /)]);
  });

  it('are not answered where they are the body of a request that has its answer', async () => {
    const { socket, text } = opened(
      `POST /notes HTTP/1.1\r\nhost: notes\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n`,
    );
    await once(socket, 'data');
    socket.write('no length\r\n');
    expect(answersIn(await text)).toEqual([expect.stringMatching(/^415 /)]);
  });
});

describe('a request that does not arrive in time', () => {
  beforeEach(() => {
    (app.server as Server).headersTimeout = 200;
  });

  it('is answered with 408', async () => {
    expect(answersIn(await opened(opening).text)).toEqual([expect.stringMatching(/^408 .*problem:request-timeout/s)]);
  });

  it('becomes no part of the answer to the one before', async () => {
    const { socket, text } = opened(ask('/begun'));
    await untilOpen();
    await reported(() => socket.write(opening));
    finish();
    expect(answersIn(await text)[0]).toMatch(/^200 .*first,.*last/s);
  });

  it('is ended with hundreds of others a few at a time', async () => {
    let inThisTurn = 0;
    let most = 0;
    app.server.on('connection', (socket) => {
      const end = socket.end.bind(socket) as (...given: unknown[]) => Socket;
      socket.end = (...given: unknown[]) => {
        if (inThisTurn === 0) setImmediate(() => (inThisTurn = 0));
        most = Math.max(most, (inThisTurn += 1));
        return end(...given);
      };
    });
    const texts = await Promise.all(Array.from({ length: 100 }, () => opened(opening).text));
    expect(texts.filter((text) => text.startsWith('HTTP/1.1 408 '))).toHaveLength(100);
    expect(most).toBeLessThanOrEqual(10);
  });
});
