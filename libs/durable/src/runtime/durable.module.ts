import type { ServiceTypes } from '@orderflow/decider';
import { Controller, type DynamicModule, Get, Global, type INestApplication, Module } from '@nestjs/common';
import { HealthChecks, HealthModule } from '@orderflow/http';
import { PinoLogger } from '@orderflow/telemetry';
import type { Connections } from '../definition/connections.js';
import type { ServiceDefinition } from '../definition/service-definition.js';
import { Outbox } from '../outbox/outbox.js';
import { Database, orTransientError } from '../store/database.js';
import { Commands } from '../transaction/commands.js';
import { ServiceRuntime } from './runtime.js';

@Controller('outbox')
class OutboxController {
  constructor(private readonly database: Database) {}

  @Get()
  state(): Promise<{ pending: number; oldestAgeMs: number; rejected: number }> {
    return new Outbox().state(orTransientError(this.database));
  }
}

interface DurableOptions<T extends ServiceTypes> {
  readonly connections: Connections;
  readonly imports?: DynamicModule['imports'];
  readonly inject?: unknown[];
  /** Returns the service's definition, made of the injected providers. */
  readonly useFactory: (...injected: never[]) => ServiceDefinition<T>;
}

/** The runtime of a service: `Commands` for its controllers, consumers, workers, relay, `GET /outbox` and health checks. */
@Global()
@Module({})
export class DurableModule {
  static forService<T extends ServiceTypes>(options: DurableOptions<T>): DynamicModule {
    const runtime = {
      provide: ServiceRuntime,
      inject: [PinoLogger, ...((options.inject ?? []) as never[])],
      useFactory: (log: PinoLogger, ...injected: never[]) => {
        log.setContext('durable');
        return ServiceRuntime.create(options.useFactory(...injected), options.connections, log);
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
        {
          provide: Commands,
          inject: [ServiceRuntime],
          useFactory: (runtime: ServiceRuntime) => runtime.instance.main.commands,
        },
        { provide: Database, inject: [ServiceRuntime], useFactory: (runtime: ServiceRuntime) => runtime.database },
      ],
      exports: [ServiceRuntime, Commands, Database],
    };
  }
}

/** Connects the service's consumers to Nest and starts them; must be called before `listen`. */
export async function connectDurable(app: INestApplication): Promise<void> {
  for (const strategy of app.get(ServiceRuntime).strategies)
    app.connectMicroservice({ strategy }, { inheritAppConfig: true });
  await app.startAllMicroservices();
}
