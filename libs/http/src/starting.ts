import { type EdgeSettings, httpAdapter } from './adapter.js';
import { answerPreflight, isPreflight } from './cors.js';
import type { GuardOptions } from './guard.js';
import { notStarted } from './health.js';
import { sendProblem } from './problem-filter.js';
import { ServiceUnavailable } from './problem.js';
import type { FastifyInstance } from 'fastify';

/** No route is known yet. Without an answer to its preflight, a page could not read that the service is starting. */
const ANY_METHOD = 'GET, HEAD, POST, PUT';

/**
 * Answers on the port of a service while it waits for its dependencies: it is live, shows its metrics, and is not ready; every
 * other request gets 503 with `Retry-After`.
 * @returns frees the port
 */
export async function answerWhileStarting(
  host: string,
  port: number,
  guard: GuardOptions,
  edge?: EdgeSettings,
): Promise<() => Promise<void>> {
  notStarted();
  const fastify = httpAdapter(guard, 100, edge).getInstance() as FastifyInstance;
  fastify.get('/health/live', async () => ({ status: 'ok', checks: [] }));
  fastify.setNotFoundHandler((request, reply) => {
    if (isPreflight(request, reply)) {
      answerPreflight(request, reply, ANY_METHOD);
      return reply.code(204).send();
    }
    return sendProblem(
      reply,
      new ServiceUnavailable(undefined, 'The service is starting: it waits for its dependencies.'),
    );
  });
  await fastify.listen({ host, port });
  return () => fastify.close();
}
