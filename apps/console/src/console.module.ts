import { join } from 'node:path';
import type { Authentication } from '@orderflow/auth';
import { type DynamicModule, Global, Module } from '@nestjs/common';
import { systemClock } from '@orderflow/durable';
import { HealthChecks, HealthModule } from '@orderflow/http';
import { loggerModule, PinoLogger } from '@orderflow/telemetry';
import { connect } from './adapters/connect.js';
import { JournalRuntime } from './adapters/journal-runtime.js';
import { PostgresJournal } from './adapters/postgres-journal.js';
import { LettersOfServices } from './adapters/letters/letters-of-services.js';
import { ServiceRoutes } from './adapters/letters/service-routes.js';
import { Reach } from './adapters/reach.js';
import { Clock } from './domain/clock.js';
import { type Config, urlsOf } from './config.js';
import { Journal } from './domain/journal.js';
import { FlowModule } from './flow.module.js';
import { BreaksController } from './http/breaks.controller.js';
import { Letters } from './domain/letters/letters.js';
import { CommandsController } from './http/commands.controller.js';
import { ConsoleSettings } from './http/console-settings.js';
import { DayController } from './http/day/day.controller.js';
import { ShopDay } from './http/day/shop-day.js';
import { ExamplesController } from './http/examples.controller.js';
import { EventsController } from './http/events.controller.js';
import { LettersController } from './http/letters/letters.controller.js';
import { Live } from './http/live/live.js';
import { StreamController } from './http/live/stream.controller.js';
import { AUTHENTICATION, SessionController } from './http/session/session.controller.js';
import { OrdersController } from './http/orders.controller.js';
import { Troubles } from './http/troubles.js';
import { ProofModule } from './proof.module.js';

const migrations = join(import.meta.dirname, '../../../prisma/console/migrations');

/** A module of its own, so that the health module can import the runtime. */
@Global()
@Module({})
class JournalModule {
  static with(config: Config): DynamicModule {
    return {
      module: JournalModule,
      providers: [
        { provide: Clock, useValue: systemClock },
        {
          provide: JournalRuntime,
          inject: [PinoLogger],
          useFactory: async (log: PinoLogger) => {
            log.setContext('journal');
            return new JournalRuntime(await connect(config, migrations, log), config.TOPIC_PREFIX, log);
          },
        },
        {
          provide: Journal,
          inject: [JournalRuntime],
          useFactory: ({ parts: { database, codec, broker, consumer } }: JournalRuntime) =>
            new PostgresJournal(database, codec, new Reach(broker, database, config.TOPIC_PREFIX), consumer),
        },
      ],
      exports: [JournalRuntime, Journal, Clock],
    };
  }
}

@Module({})
export class ConsoleModule {
  static with(config: Config, auth: Authentication): DynamicModule {
    return {
      module: ConsoleModule,
      imports: [
        loggerModule('console', { requests: 'debug' }),
        JournalModule.with(config),
        FlowModule.with(config),
        ProofModule,
        HealthModule.register({
          inject: [JournalRuntime],
          useFactory: (runtime: JournalRuntime) => new HealthChecks(runtime.checks()),
        }),
      ],
      controllers: [
        OrdersController,
        StreamController,
        EventsController,
        CommandsController,
        ExamplesController,
        DayController,
        BreaksController,
        LettersController,
        SessionController,
      ],
      providers: [
        Live,
        ShopDay,
        Troubles,
        { provide: AUTHENTICATION, useValue: auth },
        { provide: Letters, useValue: new LettersOfServices(new ServiceRoutes(urlsOf(config), config.CONSOLE_TOKEN)) },
        {
          provide: ConsoleSettings,
          useValue: new ConsoleSettings(
            urlsOf(config),
            config.TRACES_URL,
            config.EXAMPLES,
            config.BREAKS ? config.SANDBOX_URL : undefined,
            config.ORDER_DEADLINE_SECONDS,
          ),
        },
      ],
    };
  }
}
