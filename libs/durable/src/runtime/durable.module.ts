import type { WorkingSet } from '@orderflow/decider';
import {
  Controller,
  type DynamicModule,
  Get,
  Global,
  Injectable,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { INestApplication } from '@nestjs/common';
import type { Service } from '@orderflow/contracts';
import { HealthChecks, HealthModule } from '@orderflow/http';
import { PinoLogger } from '@orderflow/telemetry';
import { Commands } from '../transaction/commands.js';
import { Database, orTransientError } from '../store/database.js';
import type { ServiceOptions } from '../definition/options.js';
import { Outbox } from '../outbox/outbox.js';
import { ServiceRuntime } from './runtime.js';

@Controller('outbox')
class OutboxController {
  constructor(private readonly database: Database) {}

  @Get()
  state(): Promise<{ pending: number; oldestAgeMs: number; rejected: number }> {
    return new Outbox().state(orTransientError(this.database));
  }
}

/** Nest owns the lifecycle: workers run from bootstrap until HTTP and the transports are closed. */
@Injectable()
class Lifecycle implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(private readonly runtime: ServiceRuntime) {}

  onApplicationBootstrap(): void {
    this.runtime.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.runtime.stop();
  }
}

/**
 * Everything durable about a service: `Commands` for its controllers, its consumers, workers and relay, `GET /outbox`,
 * and `GET /health/live` and `/health/ready`.
 */
@Global()
@Module({})
export class DurableModule {
  /** @param options.useFactory makes the service's options from what is injected */
  static forService<S extends Service, State, Command, Event, Loaded extends WorkingSet<State, Command>>(options: {
    imports?: DynamicModule['imports'];
    inject?: unknown[];
    useFactory: (...injected: never[]) => ServiceOptions<S, State, Command, Event, Loaded>;
  }): DynamicModule {
    const runtime = {
      provide: ServiceRuntime,
      inject: [PinoLogger, ...((options.inject ?? []) as never[])],
      useFactory: (log: PinoLogger, ...injected: never[]) => {
        log.setContext('durable');
        return ServiceRuntime.create(options.useFactory(...injected), log);
      },
    };
    return {
      module: DurableModule,
      imports: [
        ...(options.imports ?? []),
        HealthModule.register({
          inject: [ServiceRuntime],
          useFactory: (runtime: ServiceRuntime) => new HealthChecks(runtime.live(), runtime.ready()),
        }),
      ],
      controllers: [OutboxController],
      providers: [
        runtime,
        Lifecycle,
        { provide: Commands, inject: [ServiceRuntime], useFactory: (runtime: ServiceRuntime) => runtime.commands },
        { provide: Database, inject: [ServiceRuntime], useFactory: (runtime: ServiceRuntime) => runtime.database },
      ],
      exports: [ServiceRuntime, Commands, Database],
    };
  }
}

/** Connects the service's consumers to Nest and starts them: to be called before `listen`. */
export async function connectDurable(app: INestApplication): Promise<void> {
  for (const strategy of app.get(ServiceRuntime).strategies)
    app.connectMicroservice({ strategy }, { inheritAppConfig: true });
  await app.startAllMicroservices();
}
