import { Body, Controller, Delete, Headers, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { Authentication } from '@orderflow/auth';
import { caller, type Caller, sessionRequest } from '@orderflow/console-api';
import { ApiOperation, ApiResponse, ApiTags, Problem } from '@orderflow/http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { demandOwnPage, type RequestHeaders } from '../commands.controller.js';
import { endedCookie, sessionCookie } from './session-cookie.js';
import { shownCaller } from './shown-caller.js';

/** The token by which the controller gets the authentication of the program. */
export const AUTHENTICATION = Symbol('Authentication');

/** Sessions of the pages. A cookie holds the token itself: there is no list of sessions, and a session ends with its token. */
@ApiTags('session')
@Controller('api/session')
export class SessionController {
  constructor(@Inject(AUTHENTICATION) private readonly auth: Authentication) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'Begin a session with a token: it is sent back as a cookie that scripts do not see' })
  @ApiResponse({ status: 200, standardSchema: caller })
  @ApiResponse({ status: 401, description: 'The token is not valid' })
  @ApiResponse({ status: 403, description: 'Of no operator; without the header X-Console, or from another origin' })
  @ApiResponse({ status: 404, description: 'AUTH is off' })
  async begin(
    @Body({ schema: sessionRequest }) { token }: z.output<typeof sessionRequest>,
    @Headers() headers: RequestHeaders,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Caller> {
    // guard: console: another site signs no reader in
    demandOwnPage(headers);
    if (this.auth === 'off') throw new Problem(404, 'not-found', 'This console asks for no token: AUTH is off.');
    const found = await this.auth.verify(token);
    // guard: console: a session is an operator's
    if (!found.roles.includes('operator'))
      throw new Problem(403, 'forbidden', `The console is for operators: the token of ${found.subject} is not one.`);
    reply.header('set-cookie', sessionCookie(request, token, found.expiresAt));
    return shownCaller(found);
  }

  @Delete()
  @HttpCode(204)
  @ApiOperation({ summary: 'End the session of this browser; the token itself is valid until it expires' })
  @ApiResponse({ status: 204 })
  @ApiResponse({ status: 403, description: 'Without the header X-Console, or from a page of another origin' })
  end(
    @Headers() headers: RequestHeaders,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): void {
    demandOwnPage(headers);
    reply.header('set-cookie', endedCookie(request));
  }
}
