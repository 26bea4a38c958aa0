import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags, Operator, type Page, pageOf, problemSchema } from '@orderflow/http';
import type { FastifyReply } from 'fastify';
import {
  type ActionItem,
  actionItemOf,
  actionPage,
  type LetterItem,
  letterItem,
  letterItemOf,
  letterPage,
  type ManyAnswer,
  type OpenedAnswer,
  openedLetter,
  openedLetterOf,
  type DryRunAnswer,
  dryRun,
  dryRunOf,
  dryRunOfMany,
  retriedMany,
} from './answers.js';
import { DeadLetters } from './dead-letters.js';
import {
  actionsQuery,
  type ActionsQuery,
  type DiscardBody,
  discardBody,
  parkedId,
  type ListQuery,
  listQuery,
  type RetryManyBody,
  retryManyBody,
  type RetryOneBody,
  retryOneBody,
} from './requests.js';

const NOT_FIRST = 'It waits behind another one, which the member head names';

@ApiTags('dead letters')
@Controller('dead-letters')
export class DeadLettersController {
  constructor(private readonly deadLetters: DeadLetters) {}

  @Get()
  @ApiOperation({ summary: 'What is parked, the oldest first' })
  @ApiResponse({ status: 200, standardSchema: letterPage })
  @ApiResponse({ status: 400, standardSchema: problemSchema })
  async list(@Query({ schema: listQuery }) { after = '0', limit, ...filter }: ListQuery): Promise<Page<LetterItem>> {
    return pageOf(await this.deadLetters.list(filter, after, limit + 1), limit, ({ id }) => id, letterItemOf);
  }

  // Before the letters themselves: it would be taken for an id.
  @Get('actions')
  @ApiOperation({ summary: 'What people did with letters, the latest first' })
  @ApiResponse({ status: 200, standardSchema: actionPage })
  async actions(@Query({ schema: actionsQuery }) { after, limit }: ActionsQuery): Promise<Page<ActionItem>> {
    return pageOf(await this.deadLetters.actions(after, limit + 1), limit, ({ id }) => id, actionItemOf);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One letter, with what it holds and what waits behind it; also one that was discarded' })
  @ApiResponse({ status: 200, standardSchema: openedLetter })
  @ApiResponse({ status: 404, standardSchema: problemSchema })
  async find(@Param('id', { schema: parkedId }) id: string): Promise<OpenedAnswer> {
    return openedLetterOf(await this.deadLetters.find(id));
  }

  @Post('retry')
  @HttpCode(202)
  @ApiOperation({ summary: 'Retry many, the first of each queue; what is behind it follows' })
  @ApiResponse({ status: 202, standardSchema: retriedMany })
  @ApiResponse({ status: 200, standardSchema: dryRunOfMany, description: 'A dry run: nothing has happened' })
  @ApiResponse({ status: 400, standardSchema: problemSchema })
  async retryMany(
    @Body({ schema: retryManyBody }) { filter, limit, ratePerSecond, dryRun }: RetryManyBody,
    @Operator() operator: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ManyAnswer> {
    if (dryRun) {
      const { queues, more } = await this.deadLetters.dryRunMany({ filter, limit });
      reply.code(200);
      return { dryRun: true, items: queues.map(dryRunOf), more };
    }
    const { letters, more } = await this.deadLetters.retryMany({ filter, limit }, operator, ratePerSecond);
    return { dryRun: false, items: letters.map(letterItemOf), more };
  }

  @Post(':id/retry')
  @HttpCode(202)
  @ApiOperation({ summary: 'Retry a letter now, with all its attempts; what is behind it follows' })
  @ApiResponse({ status: 202, standardSchema: letterItem })
  @ApiResponse({ status: 200, standardSchema: dryRun, description: 'A dry run: nothing has happened' })
  @ApiResponse({ status: 404, standardSchema: problemSchema })
  @ApiResponse({ status: 409, standardSchema: problemSchema, description: NOT_FIRST })
  async retry(
    @Param('id', { schema: parkedId }) id: string,
    @Body({ schema: retryOneBody }) { dryRun }: RetryOneBody,
    @Operator() operator: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LetterItem | DryRunAnswer> {
    if (!dryRun) return letterItemOf(await this.deadLetters.retry(id, operator));
    const results = dryRunOf(await this.deadLetters.dryRun(id));
    reply.code(200);
    return results;
  }

  @Post(':id/discard')
  @HttpCode(200)
  @ApiOperation({ summary: 'Take a letter out of its queue for good; what is behind it goes on without it' })
  @ApiResponse({ status: 200, standardSchema: letterItem })
  @ApiResponse({ status: 400, standardSchema: problemSchema, description: 'Without a reason' })
  @ApiResponse({ status: 404, standardSchema: problemSchema })
  async discard(
    @Param('id', { schema: parkedId }) id: string,
    @Body({ schema: discardBody }) { reason }: DiscardBody,
    @Operator() operator: string,
  ): Promise<LetterItem> {
    return letterItemOf(await this.deadLetters.discard(id, operator, reason));
  }
}
