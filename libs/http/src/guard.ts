import {
  accessOf,
  type Access,
  accessTable,
  type Authentication,
  type Caller,
  KeysUnavailable,
  mayCall,
  type Routes,
  Unauthenticated,
} from '@orderflow/auth';
import { StartError } from '@orderflow/config';
import { Logger } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { pathOf, sendProblem } from './problem-filter.js';
import { Problem, ServiceUnavailable, toProblem } from './problem.js';

export interface GuardOptions {
  /** Name of the program in the access table. */
  readonly service: string;
  readonly auth: Authentication;
  /** By default those of the access table. */
  readonly routes?: Routes | undefined;
  /** The token of a request; by default that of `Authorization: Bearer`. */
  readonly tokenOf?: ((request: FastifyRequest) => string | undefined) | undefined;
}

const logger = new Logger('Guard');
/** No role is in it. */
const NOBODY: Access = [];

const callers = new WeakMap<FastifyRequest, Caller>();

/** The caller of a request, by its token; undefined where `AUTH=off`, or on a route that is open to anyone. */
export const callerOf = (request: FastifyRequest): Caller | undefined => callers.get(request);

// RFC 6750, section 2.1.
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i;

/** The token of the header `Authorization` (RFC 6750). The query string is not looked at: it ends up in logs and histories. */
export const bearerOf = ({ headers }: FastifyRequest): string | undefined =>
  BEARER.exec(headers.authorization ?? '')?.[1];

/**
 * Refuses requests that the access table does not allow: 401 without a valid token, 403 without the role. A program that has a route
 * without an entry does not start.
 */
export function guardRoutes(fastify: FastifyInstance, options: GuardOptions): void {
  const { service, auth, tokenOf = bearerOf, routes = accessTable[service] } = options;
  const known = knownRoutes(fastify, service, routes, auth);
  if (auth === 'off') return;
  fastify.addHook('onRequest', async (request, reply) => {
    // Unknown addresses have no handler: they are answered with 404.
    if (request.is404) return;
    const access = known.get(`${request.method} ${request.routeOptions.url}`) ?? NOBODY;
    if (access === 'anyone') return;
    try {
      const caller = await auth.verify(tokenOf(request));
      // guard: http: a route is closed to every role that the table does not name
      if (!mayCall(caller, access)) throw forbidden(access);
      callers.set(request, caller);
    } catch (error) {
      refuse(request, reply, error);
      return reply;
    }
  });
}

/** The access of each route that is registered from now on, by method and path. */
function knownRoutes(fastify: FastifyInstance, service: string, routes: Routes | undefined, auth: Authentication) {
  const known = new Map<string, Access>();
  const missing = new Set<string>();
  fastify.addHook('onRoute', ({ method, url }) => {
    for (const name of [method].flat()) {
      const access = routes && accessOf(routes, name, url);
      if (access) known.set(`${name} ${url}`, access);
      else missing.add(`${name} ${url}`);
    }
  });
  fastify.addHook('onReady', async () => {
    if (auth === 'off' && !routes) return;
    // guard: http: no program starts with a route that the access table does not have
    if (missing.size > 0)
      throw new StartError(`the access table has no ${[...missing].join(', ')} of ${service}: add it in libs/auth`);
  });
  return known;
}

function refuse(request: FastifyRequest, reply: FastifyReply, error: unknown): void {
  const path = pathOf(request);
  if (error instanceof Problem) return sendProblem(reply, error, path);
  if (error instanceof Unauthenticated) {
    logger.debug(`${request.method} ${path}: ${error.message}`);
    return sendProblem(reply, toProblem(error), path);
  }
  if (!(error instanceof KeysUnavailable)) throw error;
  logger.warn(`${request.method} ${path}: ${error.message}: ${String(error.cause)}`);
  sendProblem(reply, new ServiceUnavailable(error, 'Tokens cannot be verified now. Try again shortly.'), path);
}

const forbidden = (access: readonly string[]): Problem =>
  new Problem(403, 'forbidden', `The token lacks the role that this operation needs: ${access.join(' or ')}.`);
