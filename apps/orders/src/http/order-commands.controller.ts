import { Body, Controller, Headers, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Commands } from '@orderflow/durable';
import { problemSchema, uuid } from '@orderflow/http';
import { describeActiveSpan, traceparentOf } from '@orderflow/telemetry';
import type { FastifyReply } from 'fastify';
import { setTimeout as pause } from 'node:timers/promises';
import type { OrderTypes } from '../domain/order-working-set.js';
import type { KnownOrder, OrderCommand } from '../domain/order.js';
import { OrderReader } from '../domain/order-reader.js';
import { UnknownSku } from '../domain/price-list.js';
import { type CancelledOrder, cancelledOrder, type PlacedOrder, placedOrder, placedOrderOf } from './answers.js';
import { orderIdFor } from './order-id.js';
import { orderNotFound, refuse } from './refusals.js';
import { placeOrderBody, type PlaceOrderBody } from './requests.js';

type RequestHeaders = Record<string, string | undefined>;

@ApiTags('orders')
@Controller('orders')
export class OrderCommandsController {
  constructor(
    private readonly commands: Commands<OrderTypes>,
    private readonly orders: OrderReader,
  ) {}

  @Post()
  @HttpCode(202)
  @ApiOperation({ summary: 'Place an order; what becomes of it is told by GET /orders/{orderId}' })
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: 'The same key and body get the same answer' })
  @ApiResponse({ status: 202, standardSchema: placedOrder, headers: { location: { schema: { type: 'string' } } } })
  @ApiResponse({ status: 400, standardSchema: problemSchema })
  @ApiResponse({ status: 422, standardSchema: problemSchema, description: 'Unknown SKU, or the key of another order' })
  @ApiResponse({ status: 503, standardSchema: problemSchema })
  async place(
    @Body({ schema: placeOrderBody }) body: PlaceOrderBody,
    @Headers() headers: RequestHeaders,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PlacedOrder> {
    const orderId = orderIdFor(headers['idempotency-key']);
    describeActiveSpan({ 'orderflow.order.id': orderId });
    const from = { traceparent: traceparentOf(headers) };
    const order = await onceListed(() => this.ask({ type: 'PlaceOrder', orderId, ...body }, from)).catch(refuse);
    reply.header('location', `/orders/${orderId}`);
    return placedOrderOf(orderId, order);
  }

  @Post(':orderId/cancel')
  @HttpCode(202)
  @ApiOperation({ summary: 'Cancel an order that is not over yet' })
  @ApiResponse({ status: 202, standardSchema: cancelledOrder })
  @ApiResponse({ status: 404, standardSchema: problemSchema })
  @ApiResponse({ status: 409, standardSchema: problemSchema, description: 'It is over already' })
  @ApiResponse({ status: 503, standardSchema: problemSchema })
  async cancel(@Param('orderId', { schema: uuid }) orderId: string): Promise<CancelledOrder> {
    describeActiveSpan({ 'orderflow.order.id': orderId });
    // The cancellation goes on in the order's own trace, not in that of the request that asks for it.
    const origin = await this.orders.originOf(orderId);
    if (!origin) throw orderNotFound();
    const { status, version } = await this.ask({ type: 'RequestCancel', orderId }, origin).catch(refuse);
    return { orderId, status, version };
  }

  /** The order once the command is committed. */
  private async ask(
    command: Extract<OrderCommand, { type: 'PlaceOrder' | 'RequestCancel' }>,
    from: { traceparent: string; correlationId?: string },
  ): Promise<KnownOrder> {
    const { order } = await this.commands.execute(command, from);
    if (order.status === 'none') throw orderNotFound();
    return order;
  }
}

// Between one look and the next; in all longer than the news of a product takes to get here under load.
const LOOKS_MS = [50, 100, 200, 400, 800];

/** A product that somebody has just made known is on its way here: an unknown one is looked for again, for a moment. */
async function onceListed<T>(ask: () => Promise<T>): Promise<T> {
  for (const ms of LOOKS_MS) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof UnknownSku)) throw error;
    }
    await pause(ms);
  }
  return ask();
}
