import { getHeapStatistics } from 'node:v8';
import { POLLED } from '@orderflow/telemetry';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { sendProblem } from './problem-filter.js';
import { Problem } from './problem.js';

const MOST_CONNECTIONS = 4_000;
/** Bytes. A thousand requests that did not come to their end took all of a heap of 72 MiB, the service's own need included. */
const HEAP_OF_CONNECTION = 128 * 1024;

/** How many connections a process with so many bytes of heap takes. Further ones are closed at once. */
export const connectionsWithin = (heapBytes: number): number =>
  Math.min(MOST_CONNECTIONS, Math.floor(heapBytes / HEAP_OF_CONNECTION));

export const MAX_CONNECTIONS = connectionsWithin(getHeapStatistics().heap_size_limit);

/**
 * A client that sends its request byte by byte, or nothing at all, holds its connection no longer than these times. Fastify by
 * itself waits for ever for a body, and Node.js looks for connections that are over time only each 30 s.
 */
export const connectionLimits = {
  /** Of an idle connection (ms): longer than load balancers keep theirs, so that none sends into one that is being closed. */
  keepAliveTimeout: 72_000,
  /** Until a request has arrived as a whole (ms). */
  requestTimeout: 30_000,
  http: {
    /** Until its headers have arrived (ms), from the opening of the connection or the end of the request before. */
    headersTimeout: 5_000,
    // Often: those that were opened within a second are otherwise ended in one go, and requests of others wait for it.
    connectionsCheckingInterval: 100,
    // Node.js answers without a problem document: `refuseInsteadOfNode`.
    requireHostHeader: false,
    /** Bytes of all headers of a request. */
    maxHeaderSize: 16 * 1024,
  },
} as const;

/** Two full batches. A command of a request is queued only while its request is in flight, so this bounds that queue too. */
const MAX_IN_FLIGHT = 1_000;

/** A client takes its answer within this time (ms), or is cut. */
const ANSWER_MS = 30_000;

/** Requests beyond `maxInFlight` are answered with 503 and `Retry-After`; health, metrics and docs are always answered. */
export function boundRequests(fastify: FastifyInstance, maxInFlight = MAX_IN_FLIGHT): void {
  fastify.server.maxConnections = MAX_CONNECTIONS;
  const inFlight = new Set<FastifyRequest>();
  // Not onRequest: bodies that never come would take all places, until their requests are over time.
  fastify.addHook('preValidation', (request, reply, done) => {
    if (POLLED.test(request.url)) return done();
    if (inFlight.size >= maxInFlight) return sendProblem(reply, overloaded());
    inFlight.add(request);
    // A stream has no onSend. Where nothing is sent yet, the work for a client that has gone goes on.
    reply.raw.once('close', () => {
      if (reply.sent) inFlight.delete(request);
    });
    done();
  });
  // Not onResponse: it comes when the client has taken its answer, and never where it had gone before.
  fastify.addHook('onSend', async (request) => void inFlight.delete(request));
}

/** Cuts clients that do not take their answer within `mostMs`. Event streams have their own bound. */
export function boundAnswers(fastify: FastifyInstance, mostMs = ANSWER_MS): void {
  // Not a time without progress: a client that takes a byte now and then makes some.
  fastify.addHook('onSend', async (_request, { raw }) => {
    const cut = setTimeout(() => raw.destroy(), mostMs).unref();
    raw.once('close', () => clearTimeout(cut));
  });
}

/**
 * Answers with 503 where a request arrives before the answer to the one before on its connection is sent, and ends the connection.
 * Node.js would handle all of them at once: a thousand fit into one packet, and each answer waits in memory for the one before.
 */
export function refusePipelined(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', async (_request, reply) => {
    // The connection belongs to the answer before.
    if (reply.raw.socket !== null) return;
    sendProblem(reply.header('connection', 'close'), pipelined());
    return reply;
  });
}

const pipelined = (): Problem =>
  new Problem(503, 'overloaded', 'A connection takes one request at a time: send the next one after the answer.', {
    retryAfterSeconds: 1,
  });

const overloaded = (): Problem =>
  new Problem(503, 'overloaded', 'Too many requests are in progress. Try again shortly.', { retryAfterSeconds: 1 });
