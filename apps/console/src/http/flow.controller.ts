import { Controller, Get, Inject, Query } from '@nestjs/common';
import { flow, type Flow } from '@orderflow/console-api';
import { ApiOperation, ApiResponse, ApiTags, refuseFuture } from '@orderflow/http';
import { Figures } from '../domain/flow/figures.js';
import { shownFlow } from '../domain/flow/shown-flow.js';
import { Journal } from '../domain/journal.js';
import { refuseBefore } from './refusals.js';
import { type CountsQuery, countsQuery } from './requests.js';

@ApiTags('flow')
@Controller('api/flow')
export class FlowController {
  constructor(
    @Inject(Figures) private readonly figures: Figures,
    @Inject(Journal) private readonly journal: Journal,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Services and topics with rates, outboxes and lag; with `at` the rates of then' })
  @ApiResponse({ status: 200, standardSchema: flow })
  @ApiResponse({ status: 410, description: 'Before the journal begins' })
  @ApiResponse({ status: 422, description: 'The instant is in the future' })
  async flow(@Query({ schema: countsQuery }) { at }: CountsQuery): Promise<Flow> {
    refuseFuture(at);
    if (at !== undefined) refuseBefore(at, await this.journal.since());
    return shownFlow(this.figures, at);
  }
}
