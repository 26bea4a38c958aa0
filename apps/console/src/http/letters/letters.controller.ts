import type { Caller } from '@orderflow/auth';
import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import {
  type LetterActions,
  letterActions,
  type LetterDryRun,
  letterDryRun,
  type LetterOutcome,
  letterOutcome,
  type LetterOverview,
  letterOverview,
  type OpenedLetter,
  openedLetter,
} from '@orderflow/console-api';
import { ApiOperation, ApiResponse, ApiTags, CallerOf, Operator, Problem } from '@orderflow/http';
import { changedAmong, refusalOf } from '../../domain/letters/actions.js';
import { Letters } from '../../domain/letters/letters.js';
import { demandOwnPage, type RequestHeaders } from '../commands.controller.js';
import * as requests from './requests.js';

const NOT_OWN = 'Without the header X-Console, or from a page of another origin';

/** Dead letters of all services. The services keep them, and who did what: the console passes on. */
@ApiTags('letters')
@Controller('api/letters')
export class LettersController {
  constructor(@Inject(Letters) private readonly letters: Letters) {}

  @Get()
  @ApiOperation({ summary: 'Dead letters, failing calls and expired records of all services, in groups' })
  @ApiResponse({ status: 200, standardSchema: letterOverview })
  async overview(
    @Query({ schema: requests.overviewQuery }) { orderId }: requests.OverviewQuery,
  ): Promise<LetterOverview> {
    return this.letters.overview(orderId);
  }

  @Get('actions')
  @ApiOperation({ summary: 'The latest actions of operators at all services' })
  @ApiResponse({ status: 200, standardSchema: letterActions })
  async actions(): Promise<LetterActions> {
    return this.letters.actions();
  }

  @Get(':service/:kind/:id')
  @ApiOperation({ summary: 'One letter, its content masked' })
  @ApiResponse({ status: 200, standardSchema: openedLetter })
  @ApiResponse({ status: 404 })
  async open(
    @Param({ schema: requests.letterPath }) { service, kind, id }: requests.LetterPath,
    @CallerOf() caller: Caller | undefined,
  ): Promise<OpenedLetter> {
    return this.letters.open(service, kind, id, caller?.token);
  }

  @Post('dry-run')
  @HttpCode(200)
  @ApiOperation({ summary: 'What a retry would do: the real handler, in a transaction that is rolled back' })
  @ApiResponse({ status: 200, standardSchema: letterDryRun })
  @ApiResponse({ status: 403, description: NOT_OWN })
  async dryRun(
    @Body({ schema: requests.dryRunBody }) { letters }: requests.DryRunBody,
    @Headers() headers: RequestHeaders,
    @CallerOf() caller: Caller | undefined,
  ): Promise<LetterDryRun> {
    demandOwnPage(headers);
    return this.letters.dryRun(letters, caller?.token);
  }

  @Post('actions')
  @HttpCode(200)
  @ApiOperation({ summary: 'Retry, discard, settle or acknowledge exactly the letters that a person saw' })
  @ApiResponse({ status: 200, standardSchema: letterOutcome })
  @ApiResponse({ status: 403, description: `${NOT_OWN}; the role of the caller does not allow the action` })
  @ApiResponse({ status: 409, description: 'Another number than `expected` can still be acted on: nothing is done' })
  @ApiResponse({ status: 422, description: 'The action is not for letters of this kind' })
  async act(
    @Body({ schema: requests.actionBody }) { letters, expected, ...deed }: requests.ActionBody,
    @Headers() headers: RequestHeaders,
    @Operator() operator: string,
    @CallerOf() caller: Caller | undefined,
  ): Promise<LetterOutcome> {
    demandOwnPage(headers);
    const refusal = refusalOf(deed, letters);
    if (refusal !== undefined) throw new Problem(422, 'unprocessable', refusal);
    const changed = changedAmong(letters, await this.letters.stillAsSeen(letters, caller?.token));
    const found = letters.length - changed.length;
    // guard: console: an action on letters that have changed is refused
    if (found !== expected) {
      const detail = `${expected} were expected, ${found} of the ${letters.length} selected are as they were seen. Nothing was done.`;
      throw new Problem(409, 'selection-changed', detail, { members: { expected, found, changed } });
    }
    return this.letters.act(deed, letters, { operator, token: caller?.token });
  }
}
