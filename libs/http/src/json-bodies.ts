import type { FastifyInstance } from 'fastify';
import { isUtf8 } from 'node:buffer';
import { hasBody } from './negotiation.js';
import { Problem } from './problem.js';

/**
 * Takes JSON in UTF-8 as the one kind of body (RFC 8259, section 8.1); another content type is answered with 415. A body of no bytes
 * is none, of whatever type: the schema says whether there has to be one.
 */
export function takeJsonBodies(fastify: FastifyInstance): void {
  // Clients name a type with an empty body too: `curl -d ''`, or libraries that always do.
  fastify.addHook('onRequest', async ({ headers }) => {
    if (!hasBody(headers)) delete headers['content-type'];
  });
  // Otherwise a text body would reach the schemas as a string.
  fastify.removeContentTypeParser('text/plain');
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    // Bytes that are no UTF-8 would become replacement characters, and be stored.
    if (isUtf8(body)) void parse(request, body.toString(), done);
    else done(new Problem(400, 'malformed-json', 'The body is not UTF-8.'));
  });
}
