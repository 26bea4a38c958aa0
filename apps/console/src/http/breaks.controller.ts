import type { Caller } from '@orderflow/auth';
import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { breakName, type BreakName, breakRequest, breaks, type Breaks, type BrokenPart } from '@orderflow/console-api';
import { ApiOperation, ApiResponse, ApiTags, CallerOf, Problem } from '@orderflow/http';
import type { z } from 'zod';
import { breakOf, type Faults, healingOf, standingOf } from '../domain/breaks.js';
import { Clock } from '../domain/clock.js';
import { Journal } from '../domain/journal.js';
import { ask } from './ask.js';
import { demandOwnPage, type RequestHeaders } from './commands.controller.js';
import { ConsoleSettings } from './console-settings.js';

const PARTS = ['payments', 'mail'] as const;

/**
 * Breaks the world outside of the services, which is the sandbox. The sandbox ends each break itself, by its own clock: also
 * when the console is killed meanwhile. Nothing of a break is kept here; how it heals is read from the journal.
 */
@ApiTags('commands')
@Controller('api/breaks')
export class BreaksController {
  constructor(
    private readonly settings: ConsoleSettings,
    @Inject(Journal) private readonly journal: Journal,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  @Get()
  @ApiOperation({ summary: 'What is broken outside of the services, and how the orders heal after the last break' })
  @ApiResponse({ status: 200, standardSchema: breaks })
  async current(@CallerOf() caller: Caller | undefined): Promise<Breaks> {
    const { sandboxUrl } = this.settings;
    if (sandboxUrl === undefined) return { isOn: false, now: this.now().toISOString(), parts: [] };
    return this.answer(await ask<Faults>(`${sandboxUrl}/faults`, 'GET', { token: caller?.token }));
  }

  @Post(':name')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Break a part of the outside world for some seconds; it replaces another break of the part',
  })
  @ApiResponse({ status: 200, standardSchema: breaks })
  @ApiResponse({
    status: 403,
    description: 'From a page of another origin, or by another name than that of this machine',
  })
  @ApiResponse({ status: 404, description: 'BREAKS is off' })
  async begin(
    @Param('name', { schema: breakName }) name: BreakName,
    @Body({ schema: breakRequest }) { forSeconds }: z.output<typeof breakRequest>,
    @Headers() headers: RequestHeaders,
    @CallerOf() caller: Caller | undefined,
  ): Promise<Breaks> {
    const { part, fault } = breakOf[name];
    return this.put({ [part]: fault, forSeconds }, headers, caller);
  }

  @Post(':name/end')
  @HttpCode(200)
  @ApiOperation({ summary: 'End what breaks the same part, before its time' })
  @ApiResponse({ status: 200, standardSchema: breaks })
  @ApiResponse({
    status: 403,
    description: 'From a page of another origin, or by another name than that of this machine',
  })
  @ApiResponse({ status: 404, description: 'BREAKS is off' })
  async end(
    @Param('name', { schema: breakName }) name: BreakName,
    @Headers() headers: RequestHeaders,
    @CallerOf() caller: Caller | undefined,
  ): Promise<Breaks> {
    return this.put({ [breakOf[name].part]: {} }, headers, caller);
  }

  private async put(json: object, headers: RequestHeaders, caller: Caller | undefined): Promise<Breaks> {
    demandOwnPage(headers);
    demandLoopback(headers);
    const { sandboxUrl } = this.settings;
    if (sandboxUrl === undefined) throw new Problem(404, 'not-found', 'Nothing can be broken here: BREAKS is off.');
    const faults = await ask<Faults>(`${sandboxUrl}/faults`, 'PUT', { json, token: caller?.token });
    return this.answer(faults);
  }

  private async answer(faults: Faults): Promise<Breaks> {
    const now = this.now();
    const parts = await Promise.all(PARTS.map(async (part) => this.part(part, faults, now)));
    return { isOn: true, now: now.toISOString(), parts };
  }

  private async part(part: BrokenPart['part'], faults: Faults, now: Date): Promise<BrokenPart> {
    const standing = standingOf(part, faults, now);
    const { isBroken, until } = standing;
    if (isBroken || until === null) return { ...standing, healing: null };
    return { ...standing, healing: healingOf(await this.journal.heldAt(new Date(until))) };
  }

  private now(): Date {
    return new Date(this.clock.now());
  }
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** A name of another machine that is made to point at this one (DNS rebinding) is its own origin: it names itself as the host. */
function demandLoopback({ host }: RequestHeaders): void {
  const name = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : '';
  if (!LOOPBACK.test(name))
    throw new Problem(403, 'forbidden', 'Things are broken from this machine alone: use localhost.');
}
