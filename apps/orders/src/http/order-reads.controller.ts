import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { EntityTagged, type Page, pageOf, uuid } from '@orderflow/http';
import type { FastifyReply } from 'fastify';
import { OrderReader } from '../domain/order-reader.js';
import {
  type EventAnswer,
  eventAnswerOf,
  eventPage,
  type OrderAnswer,
  orderAnswer,
  orderAnswerOf,
  orderPage,
} from './answers.js';
import { orderNotFound } from './refusals.js';
import { cursorOf, findQuery, type FindQuery, listQuery, type ListQuery } from './requests.js';

@ApiTags('orders')
@Controller('orders')
export class OrderReadsController {
  constructor(@Inject(OrderReader) private readonly orders: OrderReader) {}

  @Get()
  @ApiOperation({ summary: 'Orders, the newest first' })
  @ApiResponse({ status: 200, standardSchema: orderPage })
  async list(@Query({ schema: listQuery }) { limit, ...filter }: ListQuery): Promise<Page<OrderAnswer>> {
    return pageOf(await this.orders.list(filter, limit + 1), limit, cursorOf, orderAnswerOf);
  }

  @Get(':orderId')
  @EntityTagged()
  @ApiOperation({ summary: 'One order' })
  @ApiResponse({
    status: 200,
    standardSchema: orderAnswer,
    headers: { 'x-read-from': { schema: { type: 'string', enum: ['view', 'write-side'] } } },
  })
  @ApiResponse({ status: 404 })
  async find(
    @Param('orderId', { schema: uuid }) orderId: string,
    @Query({ schema: findQuery }) { minVersion }: FindQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrderAnswer> {
    const found = await this.orders.find(orderId, minVersion);
    if (!found) throw orderNotFound();
    reply.header('x-read-from', found.readFrom);
    return orderAnswerOf(found.order);
  }

  @Get(':orderId/events')
  @ApiOperation({ summary: 'The events of an order, the oldest first' })
  @ApiResponse({ status: 200, standardSchema: eventPage })
  @ApiResponse({ status: 404 })
  async history(@Param('orderId', { schema: uuid }) orderId: string): Promise<Page<EventAnswer>> {
    const events = await this.orders.history(orderId);
    if (events.length === 0) throw orderNotFound();
    // An order has at most two events: one page.
    return { items: events.map(eventAnswerOf), next: null };
  }
}
