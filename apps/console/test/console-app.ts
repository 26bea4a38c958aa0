import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll } from '@jest/globals';
import { systemClock } from '@orderflow/durable';
import { createHttpApp } from '@orderflow/http';
import { SchemaRegistry } from '@orderflow/kafka';
import { PinoLogger } from '@orderflow/telemetry';
import { Logger, Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { LiveSightings } from '../src/adapters/catalog/live-sightings.js';
import { SumsOfJournal } from '../src/adapters/proof/journal-sums.js';
import { PostgresAudits } from '../src/adapters/proof/postgres-audits.js';
import { LiveFigures } from '../src/adapters/flow/live-figures.js';
import { OpenRecords } from '../src/adapters/flow/open-records.js';
import { Tallies } from '../src/adapters/flow/tallies.js';
import { LettersOfServices } from '../src/adapters/letters/letters-of-services.js';
import { ServiceRoutes } from '../src/adapters/letters/service-routes.js';
import { Letters } from '../src/domain/letters/letters.js';
import { Sightings } from '../src/domain/catalog/catalog.js';
import { Figures } from '../src/domain/flow/figures.js';
import { Clock } from '../src/domain/clock.js';
import { Journal } from '../src/domain/journal.js';
import { Audits } from '../src/domain/proof/audits.js';
import { Sums } from '../src/domain/proof/sums.js';
import { BreaksController } from '../src/http/breaks.controller.js';
import { CatalogController } from '../src/http/catalog.controller.js';
import { CommandsController } from '../src/http/commands.controller.js';
import { ConsoleSettings } from '../src/http/console-settings.js';
import { EventsController } from '../src/http/events.controller.js';
import { DayController } from '../src/http/day/day.controller.js';
import { ShopDay } from '../src/http/day/shop-day.js';
import { ExamplesController } from '../src/http/examples.controller.js';
import { FlowController } from '../src/http/flow.controller.js';
import { Live } from '../src/http/live/live.js';
import { servePages } from '../src/http/pages.js';
import { StreamController } from '../src/http/live/stream.controller.js';
import { OrdersController } from '../src/http/orders.controller.js';
import { Troubles } from '../src/http/troubles.js';
import { ProofController } from '../src/http/proof.controller.js';
import type { JournalSystem } from './journal-system.js';

@Module({})
class Edge {}

const NOWHERE = 'http://127.0.0.1:1';
const nowhere = { orders: NOWHERE, inventory: NOWHERE, payments: NOWHERE, notifications: NOWHERE };
const log = { warn: () => undefined };

/** A request as orders gets it. */
export interface PassedOn {
  readonly url: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** The HTTP edge of the console on the journal of a system, with a server in the place of orders. */
export class ConsoleApp {
  url = '';
  readonly passedOn: PassedOn[] = [];
  private app!: NestFastifyApplication;
  private orders!: Server;

  constructor(system: JournalSystem) {
    beforeAll(async () => {
      const ordersUrl = await this.startOrders();
      await this.start(system, ordersUrl);
    });
    afterAll(async () => {
      await this.app.close();
      this.orders.close();
    });
  }

  async get<Body = Record<string, unknown>>(path: string): Promise<{ status: number; body: Body }> {
    const answer = await fetch(this.url + path);
    return { status: answer.status, body: (await answer.json()) as Body };
  }

  private async start(system: JournalSystem, ordersUrl: string): Promise<void> {
    Logger.overrideLogger(false);
    // Only the commands of orders are passed on.
    const urls = { orders: ordersUrl, inventory: ordersUrl, payments: ordersUrl, notifications: ordersUrl };
    const registry = new SchemaRegistry(process.env['SCHEMA_REGISTRY_URL'] ?? '');
    const module = {
      module: Edge,
      controllers: [
        OrdersController,
        EventsController,
        StreamController,
        CommandsController,
        ExamplesController,
        DayController,
        FlowController,
        CatalogController,
        BreaksController,
        ProofController,
      ],
      providers: [
        Live,
        ShopDay,
        Troubles,
        // What failed at the services is tested with a service: here none answers.
        { provide: Letters, useValue: new LettersOfServices(new ServiceRoutes(nowhere)) },
        { provide: Clock, useValue: systemClock },
        { provide: Journal, useValue: system.journal },
        { provide: ConsoleSettings, useValue: new ConsoleSettings(urls, undefined, false, undefined, 10) },
        { provide: PinoLogger, useValue: log },
        { provide: Sightings, useValue: new LiveSightings(system.database, registry, log) },
        { provide: Audits, useValue: new PostgresAudits(system.database) },
        { provide: Sums, useValue: new SumsOfJournal(system.database, log) },
        { provide: Figures, useValue: figuresOf(system, urls) },
      ],
    };
    this.app = await createHttpApp(module, { service: 'console', auth: 'off', closeGraceMs: 100 });
    await servePages(this.app);
    await this.app.listen(0, '127.0.0.1');
    this.url = await this.app.getUrl();
  }

  private async startOrders(): Promise<string> {
    this.orders = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { url, headers } = request;
        this.passedOn.push({ url, headers, body: Buffer.concat(chunks).toString() });
        response.writeHead(202, { 'content-type': 'application/json', location: '/orders/an-id' });
        response.end('{"orderId":"an-id"}');
      });
    });
    await new Promise<void>((resolve) => this.orders.listen(0, '127.0.0.1', resolve));
    const { port } = this.orders.address() as { port: number };
    return `http://127.0.0.1:${port}`;
  }
}

function figuresOf({ broker, database, journal, prefix }: JournalSystem, urls: ConsoleSettings['urls']): LiveFigures {
  return new LiveFigures({
    broker,
    tallies: new Tallies(database),
    openRecords: new OpenRecords(database),
    through: () => journal.through(),
    prefix,
    urls,
    log,
  });
}
