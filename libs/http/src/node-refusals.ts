import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pathOf, sendProblem } from './problem-filter.js';
import { problemOfStatus } from './problem.js';

/** Takes over the requests that Node.js would refuse by itself, without a problem document: see `requireHostHeader` too. */
export function refuseInsteadOfNode(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', async (request, reply) => {
    if (hasOneHost(request)) return;
    sendProblem(
      reply,
      problemOfStatus(400, 'The header Host must be given once, as host or host:port.'),
      pathOf(request),
    );
    return reply;
  });
  // An expectation other than 100-continue may be ignored (RFC 9110, section 10.1.1).
  const { server } = fastify;
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) =>
    server.emit('request', request, response),
  );
}

// RFC 3986, section 3.2.2, and a port. It may be empty.
const HOST = /^(?:[\w.~!$&'()*+,;=%-]*|\[[\w.~!$&'()*+,;=:-]+\])(?::\d*)?$/;

/** RFC 9112, section 3.2. Of several hosts, or of one that is none, a proxy in front may have taken another one. */
function hasOneHost({ raw: { httpVersion, rawHeaders } }: FastifyRequest): boolean {
  const hosts = rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]!.toLowerCase() === 'host');
  if (hosts.length === 0) return httpVersion === '1.0';
  return hosts.length === 1 && HOST.test(hosts[0]!);
}
