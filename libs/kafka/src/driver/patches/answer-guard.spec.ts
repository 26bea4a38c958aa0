import { createRequire } from 'node:module';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import Connection from 'kafkajs/src/network/connection.js';
import { guardAnswers } from './answer-guard.js';

const load = createRequire(import.meta.url);
const Encoder = load('kafkajs/src/protocol/encoder') as new () => object;
const socketFactory = (load('kafkajs/src/network/socketFactory') as () => unknown)();

let server: Server;
let connections: number;

beforeEach(async () => {
  connections = 0;
  server = createServer((socket) => {
    const first = ++connections === 1;
    // A connection that kafkajs closes: its side reports what went wrong.
    socket.on('error', () => undefined);
    socket.on('data', (request) => {
      const correlationId = request.readInt32BE(8);
      // The announced length exceeds the bytes that arrive before the connection breaks.
      if (first) socket.write(answer(1_000, correlationId), () => socket.resetAndDestroy());
      else socket.end(answer(8, correlationId));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  server.close();
  await once(server, 'close');
});

function answer(length: number, correlationId: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeInt32BE(length, 0);
  bytes.writeInt32BE(correlationId, 4);
  return bytes;
}

function connection(): Connection {
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const logger = { ...log, namespace: () => logger };
  const { port } = server.address() as AddressInfo;
  const timeouts = { connectionTimeout: 1_000, requestTimeout: 2_000 };
  return new Connection({ host: '127.0.0.1', port, logger, socketFactory, clientId: 'test', ...timeouts });
}

const request = {
  request: { apiKey: 18, apiVersion: 0, apiName: 'Any', encode: async () => Promise.resolve(new Encoder()) },
  response: { decode: async () => Promise.resolve({}), parse: async () => Promise.resolve('decoded') },
};

it('a connection that broke in the middle of an answer decodes the first answer after it connects again', async () => {
  guardAnswers();
  const own = connection();
  await own.connect();
  await expect(own.send(request)).rejects.toThrow('ECONNRESET');
  await own.connect();
  await expect(own.send(request)).resolves.toBe('decoded');
  await own.disconnect();
});
