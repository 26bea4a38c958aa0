import { Body, Controller, Headers, HttpCode, Inject, Param, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type Caller, limitedTo } from '@orderflow/auth';
import { Commands } from '@orderflow/durable';
import { CallerOf, demandMatch, entityTagOf, IfMatch, OptionalIdempotencyKey, uuid } from '@orderflow/http';
import { describeActiveSpan, type TraceContext, traceContextOf } from '@orderflow/telemetry';
import type { FastifyReply } from 'fastify';
import { setTimeout as pause } from 'node:timers/promises';
import { Intake } from '../domain/intake.js';
import type { OrderTypes } from '../domain/order-working-set.js';
import type { KnownOrder, OrderCommand, PlaceOrder } from '../domain/order.js';
import { OrderReader } from '../domain/order-reader.js';
import { LineRefused } from '../domain/price-list.js';
import {
  type CancelledOrder,
  cancelledOrder,
  orderAnswerOf,
  type PlacedOrder,
  placedOrder,
  placedOrderOf,
} from './answers.js';
import { customerOf } from './customers.js';
import { orderIdFor } from './order-id.js';
import { OrderSettings } from './order-settings.js';
import { PaymentTokens } from './payment-tokens.js';
import { backlogged, orderNotFound, refuse } from './refusals.js';
import { placeOrderBody, type PlaceOrderBody } from './requests.js';

const NO_KEY = 'the request has no Idempotency-Key: repeated, it places another order';

type RequestHeaders = Record<string, string | undefined>;

@ApiTags('orders')
@Controller('orders')
export class OrderCommandsController {
  constructor(
    private readonly commands: Commands<OrderTypes>,
    @Inject(OrderReader) private readonly orders: OrderReader,
    private readonly settings: OrderSettings,
    private readonly tokens: PaymentTokens,
    @Inject(Intake) private readonly intake: Intake,
  ) {}

  @Post()
  @HttpCode(202)
  @ApiOperation({ summary: 'Place an order; GET /orders/{orderId} returns its status' })
  @ApiResponse({
    status: 202,
    standardSchema: placedOrder,
    headers: {
      location: { schema: { type: 'string' } },
      'idempotency-warning': { schema: { type: 'string' }, description: 'Where the request has no Idempotency-Key' },
    },
  })
  @ApiResponse({
    status: 409,
    description:
      'The order would cost another total than expectedTotalMinor; names both, and totalMinor is the one of now',
  })
  @ApiResponse({
    status: 422,
    description:
      'Another customer than that of the token, or none, unknown SKU, another currency, a total above what can be charged, an order too large for one event, or key used for another order',
  })
  async place(
    @Body({ schema: placeOrderBody }) body: PlaceOrderBody,
    @OptionalIdempotencyKey() key: string | undefined,
    @CallerOf() caller: Caller | undefined,
    @Headers() headers: RequestHeaders,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PlacedOrder> {
    const { mostTotalMinor, idempotencySecret } = this.settings;
    const customerId = customerOf(caller, body.customerId);
    const orderId = orderIdFor(key, customerId, idempotencySecret);
    describeActiveSpan({ 'orderflow.order.id': orderId });
    await this.admit(orderId);
    const from = traceContextOf(headers);
    const token = this.tokens.seal(body.paymentToken, orderId);
    const command: PlaceOrder = { type: 'PlaceOrder', orderId, ...body, customerId, ...token, mostTotalMinor };
    const order = await retryUnknownSku(() => this.execute(command, from)).catch(refuse(body.currency));
    reply.header('location', `/orders/${orderId}`);
    if (key === undefined) reply.header('idempotency-warning', NO_KEY);
    return placedOrderOf(orderId, order);
  }

  @Post(':orderId/cancel')
  @HttpCode(202)
  @ApiOperation({ summary: 'Cancel a placed order' })
  @ApiResponse({ status: 202, standardSchema: cancelledOrder })
  @ApiResponse({ status: 404 })
  @ApiResponse({ status: 409, description: 'Already confirmed or cancelled' })
  @ApiResponse({ status: 412, description: 'The order has changed since' })
  async cancel(
    @Param('orderId', { schema: uuid }) orderId: string,
    @IfMatch() ifMatch: string | undefined,
    @CallerOf() caller: Caller | undefined,
  ): Promise<CancelledOrder> {
    const owner = limitedTo(caller);
    describeActiveSpan({ 'orderflow.order.id': orderId });
    if (ifMatch !== undefined) demandMatch(ifMatch, await this.currentTag(orderId, owner));
    // The cancellation continues the trace of the order, not that of this request.
    const origin = await this.orders.originOf(orderId, owner);
    if (!origin) throw orderNotFound();
    const { status, version } = await this.execute({ type: 'RequestCancel', orderId }, origin).catch(refuse());
    return { orderId, status, version };
  }

  /** @throws Problem 503 where the order would not be decided in time. A repeated request gets the answer of its order. */
  private async admit(orderId: string): Promise<void> {
    if (this.intake.isOpen) return;
    if ((await this.orders.originOf(orderId)) === undefined) throw backlogged(this.intake.refuse());
  }

  /** The ETag that `GET /orders/{orderId}` answers with. The decision itself is made on the order's own events, under its lock. */
  private async currentTag(orderId: string, owner: string | undefined): Promise<string> {
    const found = await this.orders.find(orderId, 0, owner);
    if (!found) throw orderNotFound();
    return entityTagOf(orderAnswerOf(found.order));
  }

  /** @returns the order after the commit */
  private async execute(
    command: Extract<OrderCommand, { type: 'PlaceOrder' | 'RequestCancel' }>,
    from: TraceContext & { readonly correlationId?: string },
  ): Promise<KnownOrder> {
    const { order } = (await this.commands.execute(command, from)).state;
    if (order.status === 'none') throw orderNotFound();
    return order;
  }
}

// In all longer than ProductChanged takes to arrive under load.
const RETRIES_MS = [50, 100, 200, 400, 800];

/** Retries for a moment on an unknown SKU: the ProductChanged of a new product may still be on its way. */
async function retryUnknownSku<T>(execute: () => Promise<T>): Promise<T> {
  for (const ms of RETRIES_MS) {
    try {
      return await execute();
    } catch (error) {
      if (!(error instanceof LineRefused && error.rule === 'unknown-sku')) throw error;
    }
    await pause(ms);
  }
  return execute();
}
