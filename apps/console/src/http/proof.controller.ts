import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { auditList, type AuditList, auditReport, type AuditReport, proof, type Proof } from '@orderflow/console-api';
import { ApiOperation, ApiResponse, ApiTags, instant, Problem, refuseFuture } from '@orderflow/http';
import { Clock } from '../domain/clock.js';
import { Audits } from '../domain/proof/audits.js';
import { Sums } from '../domain/proof/sums.js';
import { demandOwnPage, type RequestHeaders } from './commands.controller.js';
import { type CountsQuery, countsQuery } from './requests.js';

/** Reports in the history of a page. */
const SHOWN = 48;
/** By how much the clock of an audit may be ahead. Otherwise it would stay the last one until then. */
const MOST_AHEAD_MS = 60_000;

/** Whether it all adds up. No table of another service is read here: the full audit sends its reports. */
@ApiTags('proof')
@Controller('api')
export class ProofController {
  constructor(
    @Inject(Audits) private readonly audits: Audits,
    @Inject(Sums) private readonly sums: Sums,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  @Get('proof')
  @ApiOperation({ summary: 'Sums and gaps of the journal, the last audit and those before it; with `at` as of then' })
  @ApiResponse({ status: 200, standardSchema: proof })
  @ApiResponse({ status: 422, description: 'The instant is in the future' })
  async proof(@Query({ schema: countsQuery }) { at }: CountsQuery): Promise<Proof> {
    refuseFuture(at);
    const [sums, audit, history] = await Promise.all([
      at === undefined ? this.sums.read() : ({ state: 'not_kept' } as const),
      this.audits.last(at),
      this.audits.list(at, SHOWN),
    ]);
    return {
      at: at?.toISOString() ?? null,
      now: new Date(this.clock.now()).toISOString(),
      sums,
      audit: audit ?? null,
      history,
    };
  }

  @Get('audits')
  @ApiOperation({ summary: 'The last audits, the newest first; with `at` those up to then' })
  @ApiResponse({ status: 200, standardSchema: auditList })
  @ApiResponse({ status: 422, description: 'The instant is in the future' })
  async list(@Query({ schema: countsQuery }) { at }: CountsQuery): Promise<AuditList> {
    refuseFuture(at);
    return { items: await this.audits.list(at, SHOWN) };
  }

  @Get('audits/:at')
  @ApiOperation({ summary: 'The report of the audit of an instant' })
  @ApiResponse({ status: 200, standardSchema: auditReport })
  @ApiResponse({ status: 404 })
  async report(@Param('at', { schema: instant }) at: Date): Promise<AuditReport> {
    const report = await this.audits.of(at);
    if (report === undefined) throw new Problem(404, 'not-found', 'There is no audit of this instant.');
    return report;
  }

  @Post('audits')
  @HttpCode(201)
  @ApiOperation({ summary: 'Keep a report, as `orderflow audit --post` sends it; one that is sent again is kept once' })
  @ApiResponse({ status: 201, standardSchema: auditReport })
  @ApiResponse({ status: 403, description: 'Without the header X-Console, or from a page of another origin' })
  @ApiResponse({ status: 422, description: 'The time of the audit is in the future' })
  async keep(
    @Body({ schema: auditReport }) report: AuditReport,
    @Headers() headers: RequestHeaders,
  ): Promise<AuditReport> {
    demandOwnPage(headers);
    if (Date.parse(report.at) > this.clock.now() + MOST_AHEAD_MS)
      throw new Problem(
        422,
        'future',
        'The audit has a time in the future: its clock is wrong, or that of the console.',
      );
    await this.audits.keep(report);
    return report;
  }
}
