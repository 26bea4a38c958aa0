import type { Caller } from '@orderflow/auth';
import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import {
  type Me,
  me,
  type RecordedEvent,
  recordedEvent,
  type SearchAnswer,
  searchAnswer,
} from '@orderflow/console-api';
import { ApiOperation, ApiResponse, ApiTags, CallerOf, Problem, uuid } from '@orderflow/http';
import type { FastifyReply } from 'fastify';
import { Clock } from '../domain/clock.js';
import { Journal } from '../domain/journal.js';
import { search } from '../domain/search.js';
import { shownEvent, shownOther } from '../domain/shown.js';
import { ConsoleSettings } from './console-settings.js';
import { shownCaller } from './session/shown-caller.js';
import { type SearchQuery, searchQuery } from './requests.js';

@ApiTags('events')
@Controller('api')
export class EventsController {
  constructor(
    @Inject(Journal) private readonly journal: Journal,
    @Inject(Clock) private readonly clock: Clock,
    private readonly settings: ConsoleSettings,
  ) {}

  @Get('events/:id')
  @ApiOperation({ summary: 'One event, without its confidential fields, with e-mail addresses masked' })
  @ApiResponse({ status: 200, standardSchema: recordedEvent })
  @ApiResponse({ status: 404 })
  async event(
    @Param('id', { schema: uuid }) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RecordedEvent> {
    const record = await this.journal.byEventId(id);
    if (record === undefined) throw new Problem(404, 'not-found', 'The journal has no event with this id.');
    const { event, value } = record;
    reply.header('cache-control', 'private, max-age=31536000, immutable');
    return {
      event: event ? shownEvent({ event, record }) : null,
      other: event ? null : shownOther(record),
      schemaId: value && value.length > 4 && value[0] === 0 ? value.readInt32BE(1) : null,
      size: value?.length ?? 0,
    };
  }

  @Get('search')
  @ApiOperation({
    summary: 'By order, customer, SKU, charge or refund, e-mail address, trace, event, or topic/partition/offset',
  })
  @ApiResponse({ status: 200, standardSchema: searchAnswer })
  async search(@Query({ schema: searchQuery }) { q }: SearchQuery): Promise<SearchAnswer> {
    return { q, hits: await search(this.journal, q) };
  }

  @Get('me')
  @ApiOperation({ summary: 'What the pages need to know of the console itself, and of their reader' })
  @ApiResponse({ status: 200, standardSchema: me })
  async me(@CallerOf() caller: Caller | undefined): Promise<Me> {
    return {
      version: '0.1.0',
      now: new Date(this.clock.now()).toISOString(),
      journalSince: (await this.journal.since())?.toISOString() ?? null,
      orderDeadlineSeconds: this.settings.orderDeadlineSeconds ?? null,
      tracesUrl: this.settings.tracesUrl ?? null,
      caller: caller ? shownCaller(caller) : null,
    };
  }
}
