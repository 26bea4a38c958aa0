import { bounds } from '@orderflow/contracts';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { answerBrokenHttp, noteExchanges } from './broken-requests.js';
import { allowOrigins } from './cors.js';
import { sendEntityTags } from './entity-tags.js';
import { type GuardOptions, guardRoutes } from './guard.js';
import { takeJsonBodies } from './json-bodies.js';
import { boundAnswers, boundRequests, connectionLimits, refusePipelined } from './limits.js';
import { answerOtherMethods } from './methods.js';
import { refuseEncodedBodies } from './negotiation.js';
import { refuseInsteadOfNode } from './node-refusals.js';
import { observeRequests } from './observe-requests.js';
import { originForm } from './origin-form.js';
import { NOT_STORED, sendProblem } from './problem-filter.js';
import { problemOfStatus, toProblem } from './problem.js';
import { limitRates } from './rate-limit.js';
import { sendSecureHeaders } from './secure-headers.js';

/** Who may call how often, through which proxies, and from pages of which origins. */
export interface EdgeSettings {
  /** Requests of one caller that are answered in a second. No limit by default. */
  readonly requestsPerSecond?: number;
  /** Addresses of proxies whose `X-Forwarded-For` names the caller, as `@fastify/proxy-addr` takes them. None by default. */
  readonly trustedProxies?: readonly string[];
  /** Origins whose pages may read the answers. None by default. */
  readonly allowedOrigins?: readonly string[];
}

/**
 * Fastify as all services use it. It accepts JSON bodies of at most `bounds.bodyBytes` only. Every error response is a problem document,
 * also for errors that never reach Nest (invalid URLs, malformed HTTP). On close, connections that are still open after
 * `closeGraceMs` are cut, so that a silent client cannot keep the process alive.
 * @param guard who may call which route
 */
export function httpAdapter(guard: GuardOptions, closeGraceMs = 2_000, edge: EdgeSettings = {}): FastifyAdapter {
  const { requestsPerSecond, trustedProxies = [], allowedOrigins = [] } = edge;
  const adapter = new FastifyAdapter({
    ...connectionLimits,
    ...(trustedProxies.length > 0 && { trustProxy: [...trustedProxies] }),
    // Larger bodies are answered with 413.
    bodyLimit: bounds.bodyBytes,
    // Routes, limits and logs know paths alone.
    rewriteUrl: ({ url = '/' }) => originForm(url),
    // Counted while it is encoded: a SKU of 64 characters has at most 768.
    routerOptions: { maxParamLength: 1_000 },
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    frameworkErrors: (error: Error, _request: unknown, reply: FastifyReply) => sendProblem(reply, toProblem(error)),
    clientErrorHandler: answerBrokenHttp,
  });
  const fastify = adapter.getInstance() as FastifyInstance;
  noteExchanges(fastify);
  sendSecureHeaders(fastify);
  allowOrigins(fastify, allowedOrigins);
  refuseInsteadOfNode(fastify);
  refusePipelined(fastify);
  if (requestsPerSecond !== undefined) limitRates(fastify, requestsPerSecond);
  // Both before `observeRequests`: they have to know all routes.
  answerOtherMethods(fastify);
  guardRoutes(fastify, guard);
  observeRequests(fastify);
  boundRequests(fastify);
  boundAnswers(fastify);
  refuseEncodedBodies(fastify);
  sendEntityTags(fastify);
  takeJsonBodies(fastify);
  fastify.addHook('onSend', turnIntoProblem);
  fastify.addHook('onSend', forbidStoring);
  cutConnectionsOnClose(fastify, closeGraceMs);
  return adapter;
}

// Fastify and Nest's adapter answer some errors in their own format, for instance while closing.
async function turnIntoProblem(_request: unknown, reply: FastifyReply, payload: unknown): Promise<unknown> {
  const type = String(reply.getHeader('content-type') ?? '');
  if (reply.statusCode < 400 || type.startsWith('application/problem+json') || typeof payload !== 'string') {
    return payload;
  }
  const problem = problemOfStatus(reply.statusCode);
  const body = JSON.stringify(problem.document());
  reply.header('content-type', 'application/problem+json; charset=utf-8');
  reply.header('content-length', Buffer.byteLength(body));
  if (problem.extras.retryAfterSeconds) reply.header('retry-after', String(problem.extras.retryAfterSeconds));
  return body;
}

// The files of `/docs` have their own rule.
async function forbidStoring(_request: unknown, reply: FastifyReply): Promise<void> {
  for (const [name, value] of Object.entries(NOT_STORED)) if (!reply.hasHeader(name)) reply.header(name, value);
}

function cutConnectionsOnClose(fastify: FastifyInstance, graceMs: number): void {
  fastify.addHook('preClose', (done) => {
    setTimeout(() => fastify.server.closeAllConnections(), graceMs).unref();
    done();
  });
}
