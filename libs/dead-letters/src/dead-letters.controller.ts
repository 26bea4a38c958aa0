import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags, EntityTagged, Operator, type Page, pageOf } from '@orderflow/http';
import type { FastifyReply } from 'fastify';
import * as answers from './answers.js';
import { DeadLetters } from './dead-letters.js';
import * as requests from './requests.js';

const NOT_FIRST = 'It is not the first of its queue; the member head names the first';

@ApiTags('dead letters')
@Controller('dead-letters')
export class DeadLettersController {
  constructor(private readonly deadLetters: DeadLetters) {}

  @Get()
  @ApiOperation({ summary: 'Parked events, the oldest first' })
  @ApiResponse({ status: 200, standardSchema: answers.parkedPage })
  async list(
    @Query({ schema: requests.listQuery }) { after = '0', limit, ...filter }: requests.ListQuery,
  ): Promise<Page<answers.ParkedItem>> {
    return pageOf(await this.deadLetters.list(filter, after, limit + 1), limit, ({ id }) => id, answers.parkedItemOf);
  }

  // Before ':id', which would match it.
  @Get('actions')
  @ApiOperation({ summary: 'The actions of operators on parked events, the latest first' })
  @ApiResponse({ status: 200, standardSchema: answers.actionPage })
  async actions(
    @Query({ schema: requests.actionsQuery }) { after, limit }: requests.ActionsQuery,
  ): Promise<Page<answers.ActionItem>> {
    return pageOf(await this.deadLetters.actions(after, limit + 1), limit, ({ id }) => id, answers.actionItemOf);
  }

  @Get(':id')
  @EntityTagged()
  @ApiOperation({ summary: 'One parked or discarded event, with its content and the events behind it' })
  @ApiResponse({ status: 200, standardSchema: answers.openedEvent })
  @ApiResponse({ status: 404 })
  async find(@Param('id', { schema: requests.parkedId }) id: string): Promise<answers.OpenedAnswer> {
    return answers.openedEventOf(await this.deadLetters.find(id));
  }

  @Post('retry')
  @HttpCode(202)
  @ApiOperation({ summary: 'Retry the first event of each selected queue; the events behind it follow' })
  @ApiResponse({ status: 202, standardSchema: answers.retriedMany })
  @ApiResponse({ status: 200, standardSchema: answers.dryRunOfMany, description: 'A dry run: nothing is changed' })
  async retryMany(
    @Body({ schema: requests.retryManyBody }) { filter, limit, ratePerSecond, dryRun }: requests.RetryManyBody,
    @Operator() operator: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<answers.ManyAnswer> {
    if (dryRun) {
      const { queues, more } = await this.deadLetters.dryRunMany({ filter, limit });
      reply.code(200);
      return { dryRun: true, items: queues.map(answers.dryRunOf), more };
    }
    const { events, more } = await this.deadLetters.retryMany({ filter, limit }, operator, ratePerSecond);
    return { dryRun: false, items: events.map(answers.parkedItemOf), more };
  }

  @Post(':id/retry')
  @HttpCode(202)
  @ApiOperation({ summary: 'Retry an event now, with all its attempts; the events behind it follow' })
  @ApiResponse({ status: 202, standardSchema: answers.parkedItem })
  @ApiResponse({ status: 200, standardSchema: answers.dryRun, description: 'A dry run: nothing is changed' })
  @ApiResponse({ status: 404 })
  @ApiResponse({ status: 409, description: NOT_FIRST })
  async retry(
    @Param('id', { schema: requests.parkedId }) id: string,
    @Body({ schema: requests.retryOneBody }) { dryRun }: requests.RetryOneBody,
    @Operator() operator: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<answers.ParkedItem | answers.DryRunAnswer> {
    if (!dryRun) return answers.parkedItemOf(await this.deadLetters.retry(id, operator));
    const results = answers.dryRunOf(await this.deadLetters.dryRun(id));
    reply.code(200);
    return results;
  }

  @Post('discard')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Remove the selected events from their queues for good; the events behind them go on without them',
  })
  @ApiResponse({ status: 200, standardSchema: answers.discardedMany })
  async discardMany(
    @Body({ schema: requests.discardManyBody }) { filter, reason, limit, dryRun }: requests.DiscardManyBody,
    @Operator() operator: string,
  ): Promise<answers.DiscardedAnswer> {
    const selection = { filter, limit };
    const { events, more } = dryRun
      ? await this.deadLetters.selected(selection)
      : await this.deadLetters.discardMany(selection, operator, reason);
    return { dryRun, items: events.map(answers.parkedItemOf), more };
  }

  @Post(':id/discard')
  @HttpCode(200)
  @ApiOperation({ summary: 'Remove an event from its queue for good; the events behind it go on without it' })
  @ApiResponse({ status: 200, standardSchema: answers.parkedItem })
  @ApiResponse({ status: 404 })
  async discard(
    @Param('id', { schema: requests.parkedId }) id: string,
    @Body({ schema: requests.discardBody }) { reason }: requests.DiscardBody,
    @Operator() operator: string,
  ): Promise<answers.ParkedItem> {
    return answers.parkedItemOf(await this.deadLetters.discard(id, operator, reason));
  }
}
