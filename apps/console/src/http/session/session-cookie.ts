import { bearerOf } from '@orderflow/http';
import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyRequest } from 'fastify';

const NAME = 'orderflow_session';

// Browsers take a name that begins so only with Secure, and from no other host of the domain (RFC 6265bis, section 4.1.3).
const isSecure = ({ protocol }: FastifyRequest): boolean => protocol === 'https';
const nameFor = (request: FastifyRequest): string => (isSecure(request) ? `__Host-${NAME}` : NAME);

/** The token of a request: of its header `Authorization`, else of the session that its cookie holds. */
export function tokenOf(request: FastifyRequest): string | undefined {
  const { authorization, cookie } = request.headers;
  // guard: console: a token that is sent along comes before the session
  if (authorization !== undefined) return bearerOf(request);
  return cookie === undefined ? undefined : parseCookie(cookie)[nameFor(request)];
}

/** `Set-Cookie` of a session, which scripts do not see and other sites do not send. It ends with the token. */
export const sessionCookie = (request: FastifyRequest, value: string, expires: Date): string =>
  stringifySetCookie({
    name: nameFor(request),
    value,
    expires,
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure: isSecure(request),
  });

/** `Set-Cookie` of a session that is over. */
export const endedCookie = (request: FastifyRequest): string => sessionCookie(request, '', new Date(0));
