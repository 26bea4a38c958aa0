import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { demand, eventually, serviceNames, type ServiceUrls } from '@orderflow/client';
import { type Console, createTopics, freePort, listenOn, startConsole, TemporaryStack } from '@orderflow/local';
import { parse } from 'yaml';
import { cpuTimesOf } from '../../../bench/src/load-cpu.ts';
import { memoryOf } from '../../../bench/src/process-memory.ts';
import { Publisher } from './publisher.ts';

const CATCH_UP_MS = 300_000;

const composeFile = join(import.meta.dirname, '..', '..', '..', 'docker-compose.yml');

/** The options of Node.js that compose gives the console. Without them its heap would grow with the memory of this machine. */
const nodeOptionsInCompose = (): string =>
  (parse(readFileSync(composeFile, 'utf8'), { merge: true }) as Compose).services.console.environment.NODE_OPTIONS;

interface Compose {
  readonly services: { readonly console: { readonly environment: { readonly NODE_OPTIONS: string } } };
}

/** Answers each page of each list: there is nothing in it. */
const nothing = (): Server =>
  createServer((_request, answer) => {
    answer.writeHead(200, { 'content-type': 'application/json' });
    answer.end('{"items":[],"next":null}');
  });

/** The console on PostgreSQL, Kafka and a registry of its own, with the heap of compose, and a publisher in place of the services. */
export class ConsoleAlone {
  readonly publisher: Publisher;
  readonly stack: TemporaryStack;
  readonly nodeOptions: string;
  private readonly own: Console;
  private readonly services: Server;

  private constructor(
    stack: TemporaryStack,
    publisher: Publisher,
    services: Server,
    own: Console,
    nodeOptions: string,
  ) {
    this.stack = stack;
    this.nodeOptions = nodeOptions;
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
    const nodeOptions = nodeOptionsInCompose();
    const own = await startConsole({ infrastructure, ...prefixes, urls, log, nodeOptions, port: await freePort() });
    return new ConsoleAlone(stack, publisher, services, own, nodeOptions);
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
