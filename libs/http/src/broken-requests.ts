import type { FastifyInstance } from 'fastify';
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { Pace } from './pace.js';
import { NOT_STORED } from './problem-filter.js';
import { problemOfStatus } from './problem.js';

/** For a client to take its answer and close (ms). One that leaves its side open would keep the connection for good. */
const LINGER_MS = 1_000;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** The newest request of each connection, with its answer. */
const exchanges = new WeakMap<Socket, Exchange>();
/** Those that are being ended. Node.js reports each further packet of broken bytes. */
const ending = new WeakSet<Socket>();
// Connections that were opened at once are over time at once.
const overTime = new Pace();

/** For {@link answerBrokenHttp}. */
export function noteExchanges({ server }: FastifyInstance): void {
  server.on('request', (request: IncomingMessage, response: ServerResponse) =>
    exchanges.set(request.socket, { request, response }),
  );
}

/** Answers bytes that are no request, and a request that does not arrive in time, and ends the connection. */
export function answerBrokenHttp(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  if (ending.has(socket)) return;
  ending.add(socket);
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') overTime.run(() => refuse(socket, 408));
  else refuse(socket, error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400);
}

function refuse(socket: Socket, status: 400 | 408 | 431): void {
  const exchange = exchanges.get(socket);
  if (exchange === undefined || isRefusable(exchange)) return end(socket, rawAnswers[status]);
  // These bytes would become a part of the answer that is due.
  const { response } = exchange;
  if (response.writableFinished) return end(socket);
  response.once('close', () => end(socket));
}

/** Whether its own request is the broken one and has no answer yet, or the next one is. */
function isRefusable({ request, response }: Exchange): boolean {
  if (request.complete) return response.writableFinished;
  // An answer without a socket waits for the one before.
  return !response.headersSent && response.socket !== null;
}

function end(socket: Socket, answer = ''): void {
  socket.end(answer);
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

const rawAnswers = { 400: rawAnswer(400), 408: rawAnswer(408), 431: rawAnswer(431) };

function rawAnswer(status: number): string {
  const body = JSON.stringify(problemOfStatus(status).document());
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/problem+json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    ...Object.entries(NOT_STORED).map(([name, value]) => `${name}: ${value}`),
    'connection: close',
    '',
    body,
  ].join('\r\n');
}
