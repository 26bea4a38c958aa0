import type { ServiceTypes } from '@orderflow/decider';
import { Controller, type DynamicModule, type FactoryProvider, Get, Global, Module } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags, HealthChecks, HealthModule } from '@orderflow/http';
import { PinoLogger } from '@orderflow/telemetry';
import type { Connections } from '../definition/connections.js';
import type { ServiceDefinition } from '../definition/service-definition.js';
import { Outbox } from '../outbox/outbox.js';
import { Database, orTransientError } from '../store/database.js';
import { Commands } from '../transaction/commands.js';
import { z } from 'zod';
import { ServiceRuntime } from './runtime.js';

const outboxState = z
  .object({ pending: z.int(), oldestAgeMs: z.int(), rejected: z.int() })
  .meta({ id: 'Outbox', description: 'Committed events that the broker has not acknowledged' });

@ApiTags('outbox')
@Controller('outbox')
class OutboxController {
  constructor(private readonly database: Database) {}

  @Get()
  @ApiOperation({ summary: 'What the relay has still to send' })
  @ApiResponse({ status: 200, standardSchema: outboxState })
  state(): Promise<z.output<typeof outboxState>> {
    return new Outbox().state(orTransientError(this.database));
  }
}

interface DurableOptions<T extends ServiceTypes> {
  readonly connections: Connections;
  /** Clients for the external calls of the service. */
  readonly clients?: readonly FactoryProvider[];
  /** Returns the service's definition, made of the clients. */
  readonly useFactory: (...clients: never[]) => ServiceDefinition<T>;
}

/** The runtime of a service: `Commands` for its controllers, consumers, workers, relay, `GET /outbox` and health checks. */
@Global()
@Module({})
export class DurableModule {
  static forService<T extends ServiceTypes>({
    connections,
    clients = [],
    useFactory,
  }: DurableOptions<T>): DynamicModule {
    const runtime = {
      provide: ServiceRuntime,
      inject: [PinoLogger, ...clients.map(({ provide }) => provide)],
      useFactory: (log: PinoLogger, ...made: never[]) => {
        log.setContext('durable');
        return ServiceRuntime.create(useFactory(...made), connections, log);
      },
    };
    return {
      module: DurableModule,
      imports: [
        HealthModule.register({
          inject: [ServiceRuntime],
          useFactory: (runtime: ServiceRuntime) => new HealthChecks(runtime.ready()),
        }),
      ],
      controllers: [OutboxController],
      providers: [
        ...clients,
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
