import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags, Operator, type Page, pageOf } from '@orderflow/http';
import * as answers from './answers.js';
import { ExpiredRanges } from './expired-ranges.js';
import * as requests from './requests.js';

@ApiTags('dead letters')
@Controller('dead-letters/expired')
export class ExpiredController {
  constructor(private readonly ranges: ExpiredRanges) {}

  @Get()
  @ApiOperation({ summary: 'Records that expired before they were consumed, the oldest first' })
  @ApiResponse({ status: 200, standardSchema: answers.rangePage })
  async list(
    @Query({ schema: requests.rangesQuery }) { after = '0', limit, acknowledged }: requests.RangesQuery,
  ): Promise<Page<answers.ExpiredItem>> {
    const filter = acknowledged === undefined ? {} : { acknowledged: acknowledged === 'true' };
    return pageOf(await this.ranges.list(filter, after, limit + 1), limit, ({ id }) => id, answers.rangeItemOf);
  }

  @Post(':id/acknowledge')
  @HttpCode(200)
  @ApiOperation({ summary: 'Note what was done about them: the audit and the alert name them no more' })
  @ApiResponse({ status: 200, standardSchema: answers.rangeItem })
  @ApiResponse({ status: 404 })
  @ApiResponse({ status: 409, description: 'It is acknowledged already' })
  async acknowledge(
    @Param('id', { schema: requests.rangeId }) id: string,
    @Body({ schema: requests.acknowledgeBody }) { reason }: requests.AcknowledgeBody,
    @Operator() operator: string,
  ): Promise<answers.ExpiredItem> {
    return answers.rangeItemOf(await this.ranges.acknowledge(id, operator, reason));
  }
}
