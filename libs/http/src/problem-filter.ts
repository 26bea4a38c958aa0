import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem, toProblem } from './problem.js';

/** Answers every error of a request with `application/problem+json`, and logs errors of status 500 and above. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('Http');

  catch(error: unknown, host: ArgumentsHost): void {
    // In a hybrid app this filter also receives errors of other transports, which have no HTTP reply.
    if (host.getType() !== 'http') throw error;
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const problem = toProblem(error);
    this.log(problem, error, request);
    if (reply.sent || reply.raw.headersSent) {
      reply.raw.end();
      return;
    }
    sendProblem(reply, problem, pathOf(request));
  }

  private log(problem: Problem, error: unknown, request: FastifyRequest): void {
    if (problem.status < 500) return;
    const where = `${request.method} ${pathOf(request)}`;
    const cause = error instanceof Problem ? (error.cause ?? error) : error;
    const text = cause instanceof Error ? cause.message : JSON.stringify(cause);
    // A stack only for unexpected errors.
    if (error instanceof Problem || problem.status === 503) this.logger.warn(`${where}: ${problem.status}, ${text}`);
    else this.logger.error(`${where}: ${(cause instanceof Error && cause.stack) || text}`);
  }
}

/** Headers of every answer: it may hold personal data, and is what its content type says. */
export const NOT_STORED = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

/** Sends a problem as the response. `instance` is the path of the request. */
export function sendProblem(reply: FastifyReply, problem: Problem, instance?: string): void {
  const { retryAfterSeconds } = problem.extras;
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(Math.ceil(retryAfterSeconds)));
  // RFC 9110, section 11.6.1.
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  reply
    .code(problem.status)
    .headers(NOT_STORED)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .send(JSON.stringify(problem.document(instance)));
}

/** The path of a request, at most 200 characters. */
export function pathOf(request: FastifyRequest): string {
  return (request.raw.url ?? '/').split('?', 1)[0]!.slice(0, 200);
}
