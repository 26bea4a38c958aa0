import type { Caller } from '@orderflow/auth';
import { Body, Controller, Headers, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags, CallerOf, Problem, ServiceUnavailable, uuid } from '@orderflow/http';
import { propagationHeaders } from '@orderflow/telemetry';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { bearer } from '../domain/acting.js';
import { ConsoleSettings } from './console-settings.js';

/** Longer than orders takes to answer 503 itself. */
const TIMEOUT_MS = 10_000;

const PASSED_ON = ['idempotency-key', 'if-match'] as const;
const PASSED_BACK = ['content-type', 'location', 'retry-after', 'idempotency-warning', 'www-authenticate'] as const;

export type RequestHeaders = Readonly<Record<string, string | undefined>>;

/** Commands are decided by orders: they are passed on as they are, and so is the answer. */
@ApiTags('commands')
@Controller('api/orders')
export class CommandsController {
  constructor(private readonly settings: ConsoleSettings) {}

  @Post()
  @HttpCode(202)
  @ApiOperation({ summary: 'Place an order: the body and the answers of POST /orders' })
  @ApiResponse({ status: 403, description: 'Without the header X-Console, or from a page of another origin' })
  @ApiResponse({ status: 409 })
  @ApiResponse({ status: 422 })
  async place(
    @Body({ schema: z.unknown() }) body: unknown,
    @Headers() headers: RequestHeaders,
    @CallerOf() caller: Caller | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.pass('/orders', headers, caller, reply, body);
  }

  @Post(':orderId/cancel')
  @HttpCode(202)
  @ApiOperation({ summary: 'Cancel an order: the answers of POST /orders/{orderId}/cancel' })
  @ApiResponse({ status: 403, description: 'Without the header X-Console, or from a page of another origin' })
  @ApiResponse({ status: 404 })
  @ApiResponse({ status: 409 })
  @ApiResponse({ status: 412 })
  async cancel(
    @Param('orderId', { schema: uuid }) orderId: string,
    @Headers() headers: RequestHeaders,
    @CallerOf() caller: Caller | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.pass(`/orders/${orderId}/cancel`, headers, caller, reply);
  }

  private async pass(
    path: string,
    headers: RequestHeaders,
    caller: Caller | undefined,
    reply: FastifyReply,
    body?: unknown,
  ): Promise<void> {
    demandOwnPage(headers);
    const passedOn = PASSED_ON.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]] as const]));
    // guard: console: a command is sent on in the name of its caller
    const answer = await fetch(this.settings.urls.orders + path, {
      method: 'POST',
      headers: {
        ...propagationHeaders(),
        ...Object.fromEntries(passedOn),
        ...bearer(caller?.token),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((cause: unknown) => {
      throw new ServiceUnavailable(cause, 'Orders does not answer: whether it has taken the command is not known.');
    });
    for (const name of PASSED_BACK) {
      const value = answer.headers.get(name);
      if (value !== null) reply.header(name, name === 'location' ? `/api${value}` : value);
    }
    await reply.status(answer.status).send(Buffer.from(await answer.arrayBuffer()));
  }
}

/** A page of another origin can send neither the header nor its own origin without being allowed to. */
export function demandOwnPage({ 'x-console': own, origin, host }: RequestHeaders): void {
  const isOwn = own !== undefined && (origin === undefined || (URL.canParse(origin) && new URL(origin).host === host));
  if (!isOwn) throw new Problem(403, 'forbidden', 'Commands need the header X-Console, and the origin of the console.');
}
