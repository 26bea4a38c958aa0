import { Controller, type DynamicModule, Get, Logger, Module, type ModuleMetadata } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { type HealthCheckResult, HealthCheckService, HealthIndicatorService, TerminusModule } from '@nestjs/terminus';
import { z } from 'zod';
import { Problem } from './problem.js';

/** A health check. `probe` throws or rejects on a failure; it fails after 2 seconds. */
export interface Check {
  name: string;
  probe: () => Promise<unknown> | void;
}

/** The checks of a service. A failing `live` check means: restart it; a failing `ready` check: send it no requests. */
export class HealthChecks {
  constructor(
    readonly live: readonly Check[],
    readonly ready: readonly Check[],
  ) {}
}

const PROBE_TIMEOUT_MS = 2_000;

const healthSchema = z
  .object({ status: z.literal('ok'), checks: z.array(z.object({ name: z.string(), status: z.literal('up') })) })
  .meta({ id: 'Health' });

@ApiTags('health')
@Controller('health')
export class HealthController {
  private readonly logger = new Logger('Health');

  constructor(
    private readonly checks: HealthChecks,
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
  ) {}

  @Get('live')
  @ApiResponse({ status: 200, standardSchema: healthSchema })
  live(): Promise<z.infer<typeof healthSchema>> {
    return this.run(this.checks.live);
  }

  @Get('ready')
  @ApiResponse({ status: 200, standardSchema: healthSchema })
  ready(): Promise<z.infer<typeof healthSchema>> {
    return this.run(this.checks.ready);
  }

  private async run(checks: readonly Check[]): Promise<z.infer<typeof healthSchema>> {
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
      await withTimeout(async () => probe());
      return this.indicators.check(name).up();
    } catch (error) {
      // The reason is only logged: it names hosts and users.
      this.logger.warn(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      return this.indicators.check(name).down();
    }
  }
}

async function withTimeout(work: () => Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PROBE_TIMEOUT_MS} ms`)), PROBE_TIMEOUT_MS);
  });
  await Promise.race([work(), late]).finally(() => clearTimeout(timer));
}

interface HealthOptions<Args extends unknown[]> {
  imports?: ModuleMetadata['imports'];
  /** The arguments of `useFactory`. */
  inject?: { [Key in keyof Args]: unknown };
  useFactory: (...args: Args) => HealthChecks;
}

/** `GET /health/live` and `GET /health/ready`: 200 with the checks, or a 503 problem with the checks. */
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
