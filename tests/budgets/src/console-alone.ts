import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { demand, eventually, serviceNames, type ServiceUrls } from '@orderflow/client';
import { type Console, createTopics, freePort, listenOn, startConsole, TemporaryStack } from '@orderflow/local';
import { cpuTimesOf } from '../../../bench/src/load-cpu.ts';
import { memoryOf } from '../../../bench/src/process-memory.ts';
import { Publisher } from './publisher.ts';

const CATCH_UP_MS = 300_000;

/** Answers each page of each list: there is nothing in it. */
const nothing = (): Server =>
  createServer((_request, answer) => {
    answer.writeHead(200, { 'content-type': 'application/json' });
    answer.end('{"items":[],"next":null}');
  });

/** The console on PostgreSQL, Kafka and a registry of its own, and a publisher in place of the services. */
export class ConsoleAlone {
  readonly publisher: Publisher;
  readonly stack: TemporaryStack;
  private readonly own: Console;
  private readonly services: Server;

  private constructor(stack: TemporaryStack, publisher: Publisher, services: Server, own: Console) {
    this.stack = stack;
    this.publisher = publisher;
    this.services = services;
    this.own = own;
  }

  static async start(): Promise<ConsoleAlone> {
    const stack = await TemporaryStack.start('console-budgets');
    const { infrastructure } = stack;
    const prefixes = { topicPrefix: '', databasePrefix: '' };
    await createTopics(infrastructure.kafkaBrokers, prefixes.topicPrefix);
    const publisher = await Publisher.start(infrastructure.kafkaBrokers, infrastructure.schemaRegistryUrl);
    const services = nothing();
    const url = `http://127.0.0.1:${await listenOn(services)}`;
    const urls = Object.fromEntries(serviceNames.map((name) => [name, url])) as ServiceUrls;
    const log = join(stack.dir, 'logs');
    const own = await startConsole({ infrastructure, ...prefixes, urls, log, port: await freePort() });
    return new ConsoleAlone(stack, publisher, services, own);
  }

  get url(): string {
    return this.own.url;
  }

  get<Body>(path: string): Promise<Body> {
    return demand<Body>(this.url + path);
  }

  /** Resolves once the journal has read everything that was published. @param orderId of an order */
  async caughtUp(orderId: string): Promise<void> {
    const at = new Date().toISOString();
    const isThere = async () => {
      const { asOf } = await this.get<{ asOf: { complete: boolean } }>(`/api/orders/${orderId}?at=${at}`);
      return asOf.complete;
    };
    await eventually(isThere, CATCH_UP_MS);
  }

  /** MiB that the process of the console has now. */
  memory(): number {
    return memoryOf(this.own.pid).resident;
  }

  /** CPU milliseconds of the console and of PostgreSQL since their start. */
  cpuMs(): { readonly console: number; readonly postgres: number } {
    const postgres = this.stack.infrastructure.pids.postgres ?? NaN;
    return cpuTimesOf({ console: this.own.pid, postgres }) as { console: number; postgres: number };
  }

  async stop(): Promise<void> {
    await this.own.stop();
    await this.publisher.close();
    this.services.close();
    this.services.closeAllConnections();
    await this.stack.stop();
  }
}
