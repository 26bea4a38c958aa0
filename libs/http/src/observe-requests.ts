import {
  DURATION_SECONDS,
  histogram,
  metricsText,
  type OpenSpan,
  POLLED,
  readTraceContext,
  startSpan,
  watchProcess,
} from '@orderflow/telemetry';
import { isEventStreamed } from './event-stream.js';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const requestDuration = histogram(
  'http_server_request_duration_seconds',
  'From the arrival of a request until its response is sent.',
  DURATION_SECONDS,
  ['http_request_method', 'http_route', 'http_response_status_code'],
);

const spans = new WeakMap<FastifyRequest, OpenSpan>();

/**
 * A span and a duration for each request, and `GET /metrics`. Requests that only read start no trace, but join the trace of the
 * caller: polling would otherwise hide the traces of orders. Health, metrics and docs have neither.
 */
export function observeRequests(fastify: FastifyInstance): void {
  watchProcess();
  fastify.get('/metrics', async (_request, reply) => {
    const { contentType, text } = await metricsText();
    return reply.type(contentType).send(text);
  });
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (!isTraced(request)) return done();
    const span = requestSpan(request);
    spans.set(request, span);
    // The handler of the request runs with its span as the active one.
    span.run(done);
  });
  fastify.addHook('onResponse', async (request, reply) => observeAnswer(request, reply));
  // onResponse never comes where the client has gone before the answer.
  fastify.addHook('onSend', async (request, reply) => {
    if (reply.raw.closed) observeAnswer(request, reply);
  });
}

function observeAnswer(request: FastifyRequest, reply: FastifyReply): void {
  if (POLLED.test(request.url)) return;
  const span = spans.get(request);
  // The time for which a client listened is no answer time.
  if (!(isEventStreamed(request) && reply.statusCode === 200)) observeDuration(request, reply, span);
  if (span) finish(span, reply);
}

function observeDuration(request: FastifyRequest, reply: FastifyReply, span: OpenSpan | undefined): void {
  const labels = {
    http_request_method: request.method,
    http_route: routeOf(request),
    http_response_status_code: reply.statusCode,
  };
  requestDuration.observe(labels, reply.elapsedTime / 1000, span?.traceparent);
}

function isTraced({ url, method, headers }: FastifyRequest): boolean {
  if (POLLED.test(url)) return false;
  return (method !== 'GET' && method !== 'HEAD') || headers['traceparent'] !== undefined;
}

// A path without a route is arbitrary input: it must not become a label or a span name.
const routeOf = (request: FastifyRequest): string => request.routeOptions.url ?? 'none';

// Attributes by https://opentelemetry.io/docs/specs/semconv/http/http-spans/
function requestSpan(request: FastifyRequest): OpenSpan {
  return startSpan(`${request.method} ${routeOf(request)}`, {
    kind: 'server',
    ...readTraceContext(request.headers),
    attributes: () => ({
      'http.request.method': request.method,
      'http.route': routeOf(request),
      'url.path': request.url.split('?', 1)[0]!,
      'url.scheme': request.protocol,
      'server.address': request.hostname,
      'server.port': request.socket.localPort ?? 0,
    }),
  });
}

function finish(span: OpenSpan, { statusCode }: FastifyReply): void {
  span.set({ 'http.response.status_code': statusCode });
  span.end(statusCode >= 500 ? new Error(`answered with ${statusCode}`) : undefined);
}
