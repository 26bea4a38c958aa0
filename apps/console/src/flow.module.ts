import { type DynamicModule, Module } from '@nestjs/common';
import { SchemaRegistry } from '@orderflow/kafka';
import { PinoLogger } from '@orderflow/telemetry';
import { LiveSightings } from './adapters/catalog/live-sightings.js';
import { LiveFigures } from './adapters/flow/live-figures.js';
import { OpenRecords } from './adapters/flow/open-records.js';
import { Tallies } from './adapters/flow/tallies.js';
import { JournalRuntime } from './adapters/journal-runtime.js';
import { type Config, urlsOf } from './config.js';
import { Sightings } from './domain/catalog/catalog.js';
import { Figures } from './domain/flow/figures.js';
import { Journal } from './domain/journal.js';
import { CatalogController } from './http/catalog.controller.js';
import { FlowController } from './http/flow.controller.js';

/** The pages Flow and Catalog. */
@Module({})
export class FlowModule {
  static with(config: Config): DynamicModule {
    return {
      module: FlowModule,
      controllers: [FlowController, CatalogController],
      providers: [
        {
          provide: Figures,
          inject: [JournalRuntime, Journal, PinoLogger],
          useFactory: ({ parts: { broker, database } }: JournalRuntime, journal: Journal, log: PinoLogger) => {
            log.setContext('flow');
            const through = () => journal.through();
            const [prefix, urls] = [config.TOPIC_PREFIX, urlsOf(config)];
            const parts = { broker, tallies: new Tallies(database), openRecords: new OpenRecords(database) };
            return new LiveFigures({ ...parts, through, prefix, urls, token: config.CONSOLE_TOKEN, log });
          },
        },
        {
          provide: Sightings,
          inject: [JournalRuntime, PinoLogger],
          useFactory: ({ parts: { database } }: JournalRuntime, log: PinoLogger) =>
            new LiveSightings(database, new SchemaRegistry(config.SCHEMA_REGISTRY_URL), log),
        },
      ],
    };
  }
}
