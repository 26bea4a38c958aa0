import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags, EntityTagged, Operator, type Page, pageOf } from '@orderflow/http';
import { actionsQuery, type ActionsQuery } from '../requests.js';
import * as answers from './answers.js';
import { DeadCalls } from './dead-calls.js';
import type { FailedCall } from './failed-calls.js';
import * as requests from './requests.js';

const NOT_OPEN = 'It is no dead letter and does not wait (any more)';

@ApiTags('dead letters')
@Controller('dead-letters/calls')
export class DeadCallsController {
  constructor(private readonly calls: DeadCalls) {}

  @Get()
  @ApiOperation({ summary: 'External calls that fail, and those among them that wait or are dead letters' })
  @ApiResponse({ status: 200, standardSchema: answers.callPage })
  async list(
    @Query({ schema: requests.callsQuery }) { after = '', limit, ...filter }: requests.CallsQuery,
  ): Promise<Page<answers.CallItem>> {
    return pageOf(await this.calls.list(filter, after, limit + 1), limit, ({ key }) => key, this.itemOf);
  }

  // Before ':key', which would match it.
  @Get('actions')
  @ApiOperation({ summary: 'The actions of operators on external calls, the latest first' })
  @ApiResponse({ status: 200, standardSchema: answers.callActionPage })
  async actions(
    @Query({ schema: actionsQuery }) { after, limit }: ActionsQuery,
  ): Promise<Page<answers.CallActionItem>> {
    return pageOf(await this.calls.actions(after, limit + 1), limit, ({ id }) => id, answers.callActionItemOf);
  }

  @Get(':key')
  @EntityTagged()
  @ApiOperation({ summary: 'One call that fails or was settled, with its failures' })
  @ApiResponse({ status: 200, standardSchema: answers.openedCall })
  @ApiResponse({ status: 404 })
  async find(@Param('key', { schema: requests.callKey }) key: string): Promise<answers.OpenedCallAnswer> {
    const { call, actions } = await this.calls.find(key);
    return answers.openedCallOf(call, this.calls.choicesFor(call.kind), actions);
  }

  @Post(':key/retry')
  @HttpCode(202)
  @ApiOperation({ summary: 'Make a dead letter again, with all its attempts, or a waiting call now' })
  @ApiResponse({ status: 202, standardSchema: answers.callItem })
  @ApiResponse({ status: 404 })
  @ApiResponse({ status: 409, description: NOT_OPEN })
  async retry(
    @Param('key', { schema: requests.callKey }) key: string,
    @Operator() operator: string,
  ): Promise<answers.CallItem> {
    return this.itemOf(await this.calls.retry(key, operator));
  }

  @Post(':key/settle')
  @HttpCode(200)
  @ApiOperation({ summary: 'Answer a dead letter or a waiting call instead of the other side: it is never made again' })
  @ApiResponse({ status: 200, standardSchema: answers.callItem })
  @ApiResponse({ status: 404 })
  @ApiResponse({ status: 409, description: `${NOT_OPEN}, or the state of its order does not allow the settlement` })
  @ApiResponse({
    status: 422,
    description: 'Its kind has no such settlement; the member choices names those that it has',
  })
  async settle(
    @Param('key', { schema: requests.callKey }) key: string,
    @Body({ schema: requests.settleBody }) body: requests.SettleBody,
    @Operator() operator: string,
  ): Promise<answers.CallItem> {
    return this.itemOf(await this.calls.settle(key, body, operator));
  }

  private readonly itemOf = (call: FailedCall): answers.CallItem =>
    answers.callItemOf(call, this.calls.choicesFor(call.kind));
}
