import type { Caller } from '@orderflow/auth';
import { Body, Controller, Get, Headers, HttpCode, Post } from '@nestjs/common';
import { day, type Day, dayRequest } from '@orderflow/console-api';
import { ApiOperation, ApiResponse, ApiTags, CallerOf } from '@orderflow/http';
import type { z } from 'zod';
import { demandOwnPage, type RequestHeaders } from '../commands.controller.js';
import { ShopDay } from './shop-day.js';

/** A day at the shop: the sixth button of the first page, and `orderflow demo --shop`. */
@ApiTags('commands')
@Controller('api/day')
export class DayController {
  constructor(private readonly shop: ShopDay) {}

  @Get()
  @ApiOperation({ summary: 'The day at the shop that is under way, or the last one' })
  @ApiResponse({ status: 200, standardSchema: day })
  current(): Day {
    return this.shop.state();
  }

  @Post()
  @HttpCode(202)
  @ApiOperation({ summary: 'Begin a day at the shop: about 65 orders with the statistics of a real one' })
  @ApiResponse({ status: 202, standardSchema: day })
  @ApiResponse({ status: 403, description: 'Without the header X-Console, or from a page of another origin' })
  @ApiResponse({ status: 404, description: 'EXAMPLES is off' })
  @ApiResponse({ status: 409, description: 'A day is under way' })
  begin(
    @Body({ schema: dayRequest }) { ordersPerMinute }: z.output<typeof dayRequest>,
    @Headers() headers: RequestHeaders,
    @CallerOf() caller: Caller | undefined,
  ): Day {
    demandOwnPage(headers);
    return this.shop.start(ordersPerMinute, caller?.token);
  }

  @Post('stop')
  @HttpCode(200)
  @ApiOperation({ summary: 'End the day early: no further order is placed' })
  @ApiResponse({ status: 200, standardSchema: day })
  @ApiResponse({ status: 403, description: 'Without the header X-Console, or from a page of another origin' })
  async stop(@Headers() headers: RequestHeaders): Promise<Day> {
    demandOwnPage(headers);
    return this.shop.stop();
  }
}
