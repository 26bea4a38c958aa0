import { httpAdapter } from './adapter.js';
import type { GuardOptions } from './guard.js';
import { notStarted } from './health.js';
import { sendProblem } from './problem-filter.js';
import { ServiceUnavailable } from './problem.js';
import type { FastifyInstance } from 'fastify';

/**
 * Answers on the port of a service while it waits for its dependencies: it is live, shows its metrics, and is not ready; every
 * other request gets 503 with `Retry-After`.
 * @returns frees the port
 */
export async function answerWhileStarting(
  host: string,
  port: number,
  guard: GuardOptions,
): Promise<() => Promise<void>> {
  notStarted();
  const fastify = httpAdapter(guard, 100).getInstance() as FastifyInstance;
  fastify.get('/health/live', async () => ({ status: 'ok', checks: [] }));
  fastify.setNotFoundHandler((_request, reply) => {
    sendProblem(reply, new ServiceUnavailable(undefined, 'The service is starting: it waits for its dependencies.'));
  });
  await fastify.listen({ host, port });
  return () => fastify.close();
}
