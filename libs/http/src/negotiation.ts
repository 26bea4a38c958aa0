import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isEventStreamed } from './event-stream.js';
import { pathOf, sendProblem } from './problem-filter.js';
import { Problem, problemOfStatus } from './problem.js';

const ANSWERED = ['application/json', 'application/problem+json'];

const streamNotAcceptable = (): Problem =>
  problemOfStatus(406, 'The answer is text/event-stream; the header Accept excludes it.');

/** Refuses requests that do not accept the answer (406), and a body where the handler takes none (400). */
@Injectable()
export class RequestGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    // In a hybrid app this guard also runs for other transports.
    if (context.getType() !== 'http') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { headers } = request;
    if (isEventStreamed(request)) {
      if (!isAccepted('text/event-stream', headers.accept)) throw streamNotAcceptable();
    } else if (!ANSWERED.some((type) => isAccepted(type, headers.accept))) throw problemOfStatus(406);
    if (hasBody(headers) && !takesBody(context)) {
      throw new Problem(400, 'unexpected-body', 'This operation takes no body.');
    }
    return true;
  }
}

/** Bodies are read as they are: a compressed one is answered with 415 instead of "malformed JSON". */
export function refuseEncodedBodies(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const encoding = request.headers['content-encoding'];
    if (encoding === undefined || encoding.toLowerCase() === 'identity' || !hasBody(request.headers)) return done();
    reply.header('accept-encoding', 'identity');
    const detail = 'A body with content-encoding is not supported.';
    sendProblem(reply, new Problem(415, 'unsupported-content-encoding', detail), pathOf(request));
  });
}

type Headers = FastifyRequest['headers'];

/** Whether a request has a body: one of these two headers announces it (RFC 9112, section 6). */
export const hasBody = (headers: Headers): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';

function takesBody(context: ExecutionContext): boolean {
  const parameters: object =
    Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), context.getHandler().name) ?? {};
  return Object.keys(parameters).some((key) => key.startsWith(`${RouteParamtypes.BODY}:`));
}

/** Whether the most specific range of an `Accept` header that matches the type has a quality above 0 (RFC 9110, 12.5.1). */
function isAccepted(type: string, accept: string | undefined): boolean {
  if (accept === undefined) return true;
  const ranges = new Map(accept.split(',').map(rangeOf));
  const [main] = type.split('/', 1);
  return (ranges.get(type) ?? ranges.get(`${main}/*`) ?? ranges.get('*/*') ?? 0) > 0;
}

function rangeOf(text: string): [range: string, quality: number] {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith('q='));
  return [range, quality === undefined ? 1 : Number(quality.slice(2))];
}
