import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const REQUEST_HEADERS =
  'Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, Traceparent, Tracestate';
const ANSWER_HEADERS =
  'ETag, Location, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Idempotency-Warning, X-Read-From';
/** For how long a browser may keep the answer to a preflight. */
const PREFLIGHT_SECONDS = 600;

/**
 * Lets pages of these origins read every answer, refusals included (https://fetch.spec.whatwg.org/#http-cors-protocol). They
 * send a token in `Authorization`: without `Access-Control-Allow-Credentials` a browser sends no cookie of the service along.
 * @param origins each as a browser sends it; none: no header of CORS is sent
 */
// A hook of ours instead of @fastify/cors: the hooks of a plugin run after those that answer with 401, 405 and 429.
export function allowOrigins(fastify: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  const allowed = new Set(origins);
  fastify.addHook('onRequest', ({ headers: { origin } }, { raw }, done) => {
    // A cache must not give the answer for one origin to another.
    raw.setHeader('vary', 'Origin');
    if (origin === undefined || !allowed.has(origin)) return done();
    // On the raw response, which a stream of events writes itself.
    raw.setHeader('access-control-allow-origin', origin);
    raw.setHeader('access-control-expose-headers', ANSWER_HEADERS);
    done();
  });
}

/** Whether a browser asks for a page of an allowed origin what it may send. */
export const isPreflight = ({ method, headers }: FastifyRequest, { raw }: FastifyReply): boolean =>
  method === 'OPTIONS' &&
  headers['access-control-request-method'] !== undefined &&
  raw.hasHeader('access-control-allow-origin');

/** Adds to the answer to `OPTIONS` what a preflight of an allowed origin asks for. @param methods those of `Allow` */
export function answerPreflight(request: FastifyRequest, reply: FastifyReply, methods: string): void {
  if (!isPreflight(request, reply)) return;
  const { raw } = reply;
  raw.setHeader('access-control-allow-methods', methods);
  raw.setHeader('access-control-allow-headers', REQUEST_HEADERS);
  raw.setHeader('access-control-max-age', PREFLIGHT_SECONDS);
}
