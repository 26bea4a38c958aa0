import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import {
  MOST_COUNTED,
  type Order,
  order,
  orderCounts,
  type OrderCounts,
  orderDiff,
  type OrderDiff,
  orderPage,
  type OrderPage,
  orderTroubles,
  type OrderTroubles,
  story,
  type Story,
} from '@orderflow/console-api';
import { ApiOperation, ApiResponse, ApiTags, EntityTagged, pageOf, refuseFuture, uuid } from '@orderflow/http';
import { cutAt } from '@orderflow/order-view';
import { type Cut, cutOf, type Point } from '../domain/cuts.js';
import { Journal, type ListedHead } from '../domain/journal.js';
import { headBy, shownDiff, shownOrder, shownRow, shownStory, toldBy } from '../domain/shown.js';
import { refuseBefore, refuseEmpty, refuseUnheard } from './refusals.js';
import {
  type CountsQuery,
  countsQuery,
  cursorOf,
  type DiffQuery,
  diffQuery,
  type ListQuery,
  listQuery,
  type PointQuery,
  pointQuery,
} from './requests.js';
import { Troubles } from './troubles.js';

@ApiTags('orders')
@Controller('api/orders')
export class OrdersController {
  constructor(
    @Inject(Journal) private readonly journal: Journal,
    private readonly troubles: Troubles,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Orders, the newest first; with `at` as they were then' })
  @ApiResponse({ status: 200, standardSchema: orderPage })
  @ApiResponse({ status: 410, description: 'Before the journal begins' })
  @ApiResponse({ status: 422, description: 'The instant is in the future, or the trouble is not known' })
  async list(@Query({ schema: listQuery }) { limit, trouble, ...filter }: ListQuery): Promise<OrderPage> {
    await this.refuseUnknown(filter.at);
    const troubled = trouble && { trouble: await this.troubles.of(trouble, filter.at) };
    const found = await this.journal.list({ ...filter, ...troubled }, limit + 1);
    const heads = filter.at === undefined ? found : await this.asOf(found, filter.at);
    const placedAt = new Map(found.map(({ orderId, head }) => [orderId, head.placedAt!]));
    return pageOf(
      heads,
      limit,
      ({ orderId }) => cursorOf({ orderId, placedAt: placedAt.get(orderId)! }),
      ({ orderId, head }) => shownRow(orderId, head),
    );
  }

  @Get('counts')
  @ApiOperation({ summary: `How many orders there are, each counted up to ${MOST_COUNTED}` })
  @ApiResponse({ status: 200, standardSchema: orderCounts })
  @ApiResponse({ status: 410, description: 'Before the journal begins' })
  @ApiResponse({ status: 422, description: 'The instant is in the future' })
  async counts(@Query({ schema: countsQuery }) { at }: CountsQuery): Promise<OrderCounts> {
    await this.refuseUnknown(at);
    return this.journal.counts(at, MOST_COUNTED);
  }

  @Get('troubles')
  @ApiOperation({ summary: `How many orders are in trouble; late ones are counted up to ${MOST_COUNTED}` })
  @ApiResponse({ status: 200, standardSchema: orderTroubles })
  @ApiResponse({ status: 410, description: 'Before the journal begins' })
  @ApiResponse({ status: 422, description: 'The instant is in the future' })
  async countTroubled(@Query({ schema: countsQuery }) { at }: CountsQuery): Promise<OrderTroubles> {
    await this.refuseUnknown(at);
    return this.troubles.counts(at);
  }

  @Get(':orderId')
  @EntityTagged()
  @ApiOperation({ summary: 'One order, now or at a point of its history' })
  @ApiResponse({ status: 200, standardSchema: order })
  @ApiResponse({ status: 404, description: 'Unknown, or before it came to be: then with `existsSince`' })
  @ApiResponse({ status: 410, description: 'Before the journal begins, which has not the beginning of the order' })
  @ApiResponse({ status: 422, description: 'The instant is in the future, or the version vector was not heard' })
  async find(
    @Param('orderId', { schema: uuid }) orderId: string,
    @Query({ schema: pointQuery }) point: PointQuery,
  ): Promise<Order> {
    const { told, asOf } = await this.cut(orderId, point);
    return shownOrder(orderId, told, asOf);
  }

  @Get(':orderId/story')
  @ApiOperation({ summary: 'Everything about one order: events, edges, answers that are owed' })
  @ApiResponse({ status: 200, standardSchema: story })
  @ApiResponse({ status: 404 })
  @ApiResponse({ status: 410, description: 'Before the journal begins' })
  @ApiResponse({ status: 422, description: 'The instant is in the future, or the version vector was not heard' })
  async story(
    @Param('orderId', { schema: uuid }) orderId: string,
    @Query({ schema: pointQuery }) point: PointQuery,
  ): Promise<Story> {
    const { told, others, asOf } = await this.cut(orderId, point);
    return shownStory(orderId, told, others, asOf);
  }

  @Get(':orderId/diff')
  @ApiOperation({ summary: 'The fields of an order that differ between two instants, and the events between them' })
  @ApiResponse({ status: 200, standardSchema: orderDiff })
  @ApiResponse({ status: 404 })
  @ApiResponse({ status: 410, description: 'Before the journal begins' })
  @ApiResponse({ status: 422, description: 'An instant is in the future' })
  async diff(
    @Param('orderId', { schema: uuid }) orderId: string,
    @Query({ schema: diffQuery }) { from, to }: DiffQuery,
  ): Promise<OrderDiff> {
    const later = await this.cut(orderId, { at: to });
    const earlier = await cutOf(this.journal, orderId, { at: from });
    return shownDiff(earlier.told, later.told, { from: earlier.asOf, to: later.asOf });
  }

  /** Throws the problem of an instant at which it is not known which orders there were. */
  private async refuseUnknown(at: Date | undefined): Promise<void> {
    refuseFuture(at);
    if (at !== undefined) refuseBefore(at, await this.journal.since());
  }

  private async cut(orderId: string, point: Point): Promise<Cut> {
    refuseFuture(point.at);
    const cut = await cutOf(this.journal, orderId, point);
    refuseUnheard(cut, point);
    refuseEmpty(cut, point, await this.journal.since());
    return cut;
  }

  /** The heads of a page as they were: only these orders are folded again. */
  private async asOf(found: readonly ListedHead[], at: Date): Promise<ListedHead[]> {
    const changed = found.filter(({ head }) => head.updatedAt > at).map(({ orderId }) => orderId);
    const records = await this.journal.recordsOfEach(changed);
    return found.map(({ orderId, head }) => {
      const own = records.get(orderId);
      return { orderId, head: own ? headBy(toldBy(cutAt(own, at))) : head };
    });
  }
}
