import { DURATION_SECONDS, histogram, metricsText, type OpenSpan, startSpan, watchProcess } from '@orderflow/telemetry';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const UNOBSERVED = /^\/(health|metrics|docs)(\/|-json|\?|$)/;

const requestDuration = histogram(
  'http_server_request_duration_seconds',
  'From the arrival of a request until its answer is sent.',
  DURATION_SECONDS,
  ['http_request_method', 'http_route', 'http_response_status_code'],
);

const spans = new WeakMap<FastifyRequest, OpenSpan>();

/**
 * A span and a duration for each request, and `GET /metrics`. What only reads begins no trace, but joins one that the caller
 * brings: whoever polls would otherwise bury the traces of orders. Health, metrics and docs have neither.
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
    // What is done for this request finds its span as the active one.
    span.run(done);
  });
  fastify.addHook('onResponse', async (request, reply) => {
    if (UNOBSERVED.test(request.url)) return;
    const span = spans.get(request);
    requestDuration.observe(
      {
        http_request_method: request.method,
        http_route: routeOf(request),
        http_response_status_code: reply.statusCode,
      },
      reply.elapsedTime / 1000,
      span?.traceparent,
    );
    if (span) finish(span, reply);
  });
}

function isTraced({ url, method, headers }: FastifyRequest): boolean {
  if (UNOBSERVED.test(url)) return false;
  return (method !== 'GET' && method !== 'HEAD') || headers['traceparent'] !== undefined;
}

// A path that matches no route is anybody's text: it must become neither a label nor a name.
const routeOf = (request: FastifyRequest): string => request.routeOptions.url ?? 'none';

// Attributes by https://opentelemetry.io/docs/specs/semconv/http/http-spans/
function requestSpan(request: FastifyRequest): OpenSpan {
  const traceparent = request.headers['traceparent'];
  return startSpan(`${request.method} ${routeOf(request)}`, {
    kind: 'server',
    traceparent: typeof traceparent === 'string' ? traceparent : undefined,
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
