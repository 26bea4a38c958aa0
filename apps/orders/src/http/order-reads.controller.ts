import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type Caller, limitedTo } from '@orderflow/auth';
import { CallerOf, EntityTagged, EventStreamed, type Page, pageOf, refuseFuture, uuid } from '@orderflow/http';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { readHeard } from '@orderflow/order-view';
import { tells } from '../domain/listener.js';
import { OrderReader } from '../domain/order-reader.js';
import {
  type EventAnswer,
  eventAnswerOf,
  eventPage,
  type OrderAnswer,
  orderAnswer,
  orderAnswerOf,
  type OrderAtAnswer,
  orderAtAnswer,
  orderAtAnswerOf,
  orderPage,
} from './answers.js';
import { ownFilter } from './customers.js';
import { LiveOrders } from './live-orders.js';
import { orderNotFound, orderNotYet } from './refusals.js';
import { cursorOf, LastEventId, findQuery, type FindQuery, listQuery, type ListQuery } from './requests.js';

@ApiTags('orders')
@Controller('orders')
export class OrderReadsController {
  constructor(
    @Inject(OrderReader) private readonly orders: OrderReader,
    private readonly live: LiveOrders,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Orders, the newest first' })
  @ApiResponse({ status: 200, standardSchema: orderPage })
  async list(
    @Query({ schema: listQuery }) { limit, ...asked }: ListQuery,
    @CallerOf() caller: Caller | undefined,
  ): Promise<Page<OrderAnswer>> {
    const filter = ownFilter(asked, limitedTo(caller));
    if (!filter) return { items: [], next: null };
    return pageOf(await this.orders.list(filter, limit + 1), limit, cursorOf, orderAnswerOf);
  }

  @Get(':orderId')
  @EntityTagged()
  @ApiOperation({ summary: 'One order; with `at` as it was then' })
  @ApiResponse({
    status: 200,
    standardSchema: z.union([orderAnswer, orderAtAnswer]),
    headers: { 'x-read-from': { schema: { type: 'string', enum: ['view', 'write-side'] } } },
  })
  @ApiResponse({ status: 404, description: 'Unknown, or before it was placed: then with `existsSince`' })
  @ApiResponse({ status: 422, description: 'The instant is in the future' })
  async find(
    @Param('orderId', { schema: uuid }) orderId: string,
    @Query({ schema: findQuery }) { minVersion, at }: FindQuery,
    @CallerOf() caller: Caller | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrderAnswer | OrderAtAnswer> {
    const owner = limitedTo(caller);
    if (at !== undefined) return this.findAt(orderId, at, owner, reply);
    const found = await this.orders.find(orderId, minVersion, owner);
    if (!found) throw orderNotFound();
    reply.header('x-read-from', found.readFrom);
    return orderAnswerOf(found.order);
  }

  @Get(':orderId/events')
  @ApiOperation({ summary: 'The events of an order, the oldest first' })
  @ApiResponse({ status: 200, standardSchema: eventPage })
  @ApiResponse({ status: 404 })
  async history(
    @Param('orderId', { schema: uuid }) orderId: string,
    @CallerOf() caller: Caller | undefined,
  ): Promise<Page<EventAnswer>> {
    const events = await this.orders.history(orderId, limitedTo(caller));
    if (events.length === 0) throw orderNotFound();
    // An order has at most two events: one page.
    return { items: events.map(eventAnswerOf), next: null };
  }

  @Get(':orderId/stream')
  @EventStreamed()
  @ApiOperation({ summary: 'One order whenever it changes, until it is settled' })
  @ApiResponse({
    status: 204,
    description: 'The order is settled, and Last-Event-ID is its last view: do not ask again',
  })
  @ApiResponse({ status: 404 })
  async stream(
    @Param('orderId', { schema: uuid }) orderId: string,
    @LastEventId() last: string | undefined,
    @CallerOf() caller: Caller | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const found = await this.orders.find(orderId, 0, limitedTo(caller));
    if (!found) throw orderNotFound();
    const listener = { orderId, heard: last === undefined ? undefined : readHeard(last) };
    const { settled } = found.order;
    if (settled && !tells({ heard: found.heard, settled }, listener)) await reply.code(204).send();
    else this.live.open(reply, listener, found);
  }

  private async findAt(
    orderId: string,
    at: Date,
    owner: string | undefined,
    reply: FastifyReply,
  ): Promise<OrderAtAnswer> {
    refuseFuture(at);
    const found = await this.orders.findAt(orderId, at, owner);
    if (!found) throw orderNotFound();
    if (!found.order) throw orderNotYet(found.existsSince);
    reply.header('x-read-from', 'write-side');
    return orderAtAnswerOf(found, at);
  }
}
