import { POLLED } from '@orderflow/telemetry';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { sendProblem } from './problem-filter.js';
import { Problem } from './problem.js';

/** Each connection costs memory before its first byte; further ones are closed at once. */
const MAX_CONNECTIONS = 2_000;

/** Two full batches. A command of a request is queued only while its request is in flight, so this bounds that queue too. */
const MAX_IN_FLIGHT = 1_000;

/** Requests beyond `maxInFlight` are answered with 503 and `Retry-After`; health, metrics and docs are always answered. */
export function boundRequests(fastify: FastifyInstance, maxInFlight = MAX_IN_FLIGHT): void {
  fastify.server.maxConnections = MAX_CONNECTIONS;
  const inFlight = new Set<FastifyRequest>();
  fastify.addHook('onRequest', (request, reply, done) => {
    if (POLLED.test(request.url)) return done();
    if (inFlight.size >= maxInFlight) return sendProblem(reply, overloaded());
    inFlight.add(request);
    done();
  });
  // Not the close of the connection: the work for a client that has gone goes on.
  fastify.addHook('onResponse', async (request) => void inFlight.delete(request));
}

const overloaded = (): Problem =>
  new Problem(503, 'overloaded', 'Too many requests are in progress. Try again shortly.', { retryAfterSeconds: 1 });
