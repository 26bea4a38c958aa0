import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { answerPreflight } from './cors.js';
import { pathOf, sendProblem } from './problem-filter.js';
import { problemOfStatus } from './problem.js';

interface KnownRoute {
  readonly pattern: RegExp;
  readonly methods: readonly string[];
}

/**
 * `OPTIONS` on a known URL is answered with 204 and `Allow`; another method that the URL does not support with 405 and
 * `Allow` (RFC 9110, sections 9.3.7 and 15.5.6). Fastify alone answers both as if the URL were unknown.
 */
export function answerOtherMethods(fastify: FastifyInstance): void {
  const routes: KnownRoute[] = [];
  // `GET /dead-letters/retry` is not `GET /dead-letters/:id`, although Fastify takes it for that.
  const fixed = new Map<string, string[]>();
  fastify.addHook('onRoute', ({ url, method }) => {
    const methods = [method].flat();
    if (!/[:*]/.test(url)) fixed.set(url, [...(fixed.get(url) ?? []), ...methods]);
    routes.push({ pattern: patternOf(url), methods });
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    const path = pathOf(request);
    if (path === '*' && request.method === 'OPTIONS') return answerOptions(request, reply, ofServer(routes));
    const ofFixed = fixed.get(path);
    if (ofFixed ? ofFixed.includes(request.method) : !request.is404) return done();
    const allowed = ofFixed ?? routes.flatMap(({ pattern, methods }) => (pattern.test(path) ? methods : []));
    if (allowed.length === 0) return done();
    const methods = listOf(allowed);
    if (request.method === 'OPTIONS') return answerOptions(request, reply, methods);
    sendProblem(reply.header('allow', methods), problemOfStatus(405), path);
  });
}

/** `OPTIONS *` is about the server, not about one of its URLs. */
const ofServer = (routes: readonly KnownRoute[]): string => listOf(routes.flatMap(({ methods }) => methods));

const listOf = (methods: readonly string[]): string => [...new Set([...methods, 'OPTIONS'])].toSorted().join(', ');

function answerOptions(request: FastifyRequest, reply: FastifyReply, methods: string): void {
  answerPreflight(request, reply, methods);
  reply.code(204).header('allow', methods).send();
}

/** `/orders/:orderId/events` and `/docs/*` as regular expressions. */
function patternOf(url: string): RegExp {
  const segments = url.split('/').map((segment) => {
    if (segment.startsWith(':')) return '[^/]+';
    return segment === '*' ? '.*' : segment.replaceAll(/[^\w-]/g, String.raw`\$&`);
  });
  return new RegExp(`^${segments.join('/')}$`);
}
