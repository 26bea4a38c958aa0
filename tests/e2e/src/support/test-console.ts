import { afterAll, beforeAll } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demand } from '@orderflow/client';
import { type Console, databaseUrlOf, dropDatabase, freePort, startConsole } from '@orderflow/local';
import type { TestSystem } from './test-system.js';

/** The console of a system; opened after the system and closed before it, so it is made after it. */
export class TestConsole {
  private started: Console | undefined;
  private logs = '';

  constructor(private readonly system: TestSystem) {
    beforeAll(async () => this.open());
    afterAll(async () => this.close());
  }

  get url(): string {
    return this.started!.url;
  }

  /** The body of an answer of 2xx. */
  async get<Body>(path: string): Promise<Body> {
    return demand(this.url + path);
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    await this.started!.kill('SIGKILL');
  }

  async start(): Promise<void> {
    await this.started!.start();
  }

  private async open(): Promise<void> {
    const { infrastructure, prefixes, client, auth } = this.system;
    this.logs = await mkdtemp(join(tmpdir(), 'orderflow-console-'));
    this.started = await startConsole({
      infrastructure,
      topicPrefix: prefixes.topics,
      databasePrefix: prefixes.databases,
      log: this.logs,
      port: await freePort(),
      urls: client.urls,
      auth,
      ...(auth !== 'off' && { token: await this.system.tokens.of('operator', 'console') }),
    });
  }

  private async close(): Promise<void> {
    await this.started?.stop();
    if (process.env['E2E_KEEP_LOGS'] === undefined) await rm(this.logs, { recursive: true, force: true });
    const { infrastructure, prefixes } = this.system;
    await dropDatabase(databaseUrlOf(infrastructure.databaseUrl, `${prefixes.databases}console`));
  }
}
