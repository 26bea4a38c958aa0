import { Controller, type DynamicModule, Get, Logger, Module, type ModuleMetadata } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type HealthCheckResult, HealthCheckService, HealthIndicatorService, TerminusModule } from '@nestjs/terminus';
import { gauges, inTime, type Reading } from '@orderflow/telemetry';
import { z } from 'zod';
import { Problem } from './problem.js';

/** A health check. `probe` throws or rejects on a failure; it fails after 2 seconds. */
export interface Check {
  name: string;
  probe: () => Promise<unknown> | void;
}

/** The checks of a service: while one fails, send it no requests. A restart would not help, so that they say nothing of `live`. */
export class HealthChecks {
  constructor(readonly ready: readonly Check[]) {}
}

const readiness = (read: () => Promise<Reading> | Reading): void =>
  gauges(
    { orderflow_ready_checks: { help: '1 while the check of GET /health/ready holds, else 0.', labels: ['check'] } },
    async () => ({ orderflow_ready_checks: await read() }),
    () => undefined,
  );

/** Shown by `/metrics` until a {@link HealthModule} is there. */
export const notStarted = (): void => readiness(() => [{ labels: { check: 'start' }, value: 0 }]);

const healthSchema = z
  .object({ status: z.literal('ok'), checks: z.array(z.object({ name: z.string(), status: z.literal('up') })) })
  .meta({ id: 'Health' });

type Health = z.infer<typeof healthSchema>;

@ApiTags('health')
@Controller('health')
export class HealthController {
  private readonly logger = new Logger('Health');

  constructor(
    private readonly checks: HealthChecks,
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
  ) {
    // Less than the 2 s of a scrape: a check that hangs must not take the others with it.
    readiness(async () =>
      Promise.all(
        checks.ready.map(async ({ name, probe }) => ({
          labels: { check: name },
          value: await inTime(probe, 1_000).then(
            () => 1,
            () => 0,
          ),
        })),
      ),
    );
  }

  @Get('live')
  @ApiOperation({ summary: 'Whether this process works, regardless of what it depends on; else restart it' })
  @ApiResponse({ status: 200, standardSchema: healthSchema })
  live(): Health {
    // The answer itself shows that the event loop turns.
    return { status: 'ok', checks: [] };
  }

  @Get('ready')
  @ApiOperation({ summary: 'Whether it reaches what it depends on; else send it no requests' })
  @ApiResponse({ status: 200, standardSchema: healthSchema })
  ready(): Promise<Health> {
    return this.run(this.checks.ready);
  }

  private async run(checks: readonly Check[]): Promise<Health> {
    const { details } = await this.health
      .check(checks.map((check) => () => this.indicate(check)))
      .catch((error: { getResponse(): unknown }) => error.getResponse() as HealthCheckResult);
    const all = Object.entries(details).map(([name, { status }]) => ({ name, status }));
    const failing = all.filter(({ status }) => status !== 'up').map(({ name }) => name);
    if (failing.length === 0) return { status: 'ok', checks: all.map(({ name }) => ({ name, status: 'up' })) };
    throw new Problem(503, 'unhealthy', `Failing checks: ${failing.join(', ')}.`, {
      retryAfterSeconds: 2,
      members: { checks: all },
    });
  }

  private async indicate({ name, probe }: Check) {
    try {
      await inTime(probe);
      return this.indicators.check(name).up();
    } catch (error) {
      // The reason is only logged: it names hosts and users.
      this.logger.warn(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      return this.indicators.check(name).down();
    }
  }
}

interface HealthOptions<Args extends unknown[]> {
  imports?: ModuleMetadata['imports'];
  /** The arguments of `useFactory`. */
  inject?: { [Key in keyof Args]: unknown };
  useFactory: (...args: Args) => HealthChecks;
}

/** `GET /health/live`: 200. `GET /health/ready`: 200 with the checks, or a 503 problem with the checks. */
@Module({})
export class HealthModule {
  static register<Args extends unknown[]>(options: HealthOptions<Args>): DynamicModule {
    return {
      module: HealthModule,
      imports: [TerminusModule.forRoot({ logger: false }), ...(options.imports ?? [])],
      controllers: [HealthController],
      providers: [
        { provide: HealthChecks, useFactory: options.useFactory as never, inject: (options.inject ?? []) as never[] },
      ],
    };
  }
}
