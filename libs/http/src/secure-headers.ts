import type { FastifyInstance } from 'fastify';
import helmet from 'helmet';

// A browser that opens an answer runs nothing of it, and no page of another site embeds it.
const ANSWERS = { defaultSrc: ["'none'"], frameAncestors: ["'none'"] };
/** Swagger UI brings its own scripts, and styles inside the page. */
const DOCS = {
  ...ANSWERS,
  ...Object.fromEntries(['scriptSrc', 'connectSrc', 'fontSrc'].map((name) => [name, ["'self'"]])),
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", 'data:'],
};

const headersWith = (directives: Record<string, string[]>) =>
  helmet({
    contentSecurityPolicy: { useDefaults: false, directives },
    xFrameOptions: { action: 'deny' },
    // TLS ends in front of the services, at whatever also knows whether plain HTTP is over for the whole host.
    strictTransportSecurity: false,
    // For browsers that are gone, and for what these answers have none of.
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
  });

/** The security headers of helmet on every answer that Fastify gives. A handler that serves pages replaces the policy by its own. */
// The middleware itself instead of @fastify/helmet: the hooks of a plugin run after those that answer with 405, 429 or 503.
export function sendSecureHeaders(fastify: FastifyInstance): void {
  const [answers, docs] = [headersWith(ANSWERS), headersWith(DOCS)];
  fastify.addHook('onRequest', (request, reply, done) => {
    const secure = /^\/docs(\/|\?|$)/.test(request.url) ? docs : answers;
    secure(request.raw, reply.raw, done as (error?: unknown) => void);
  });
}
