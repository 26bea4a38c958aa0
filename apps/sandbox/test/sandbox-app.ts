import { beforeAll } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { eventually } from '@orderflow/client';
import { createHttpApp } from '@orderflow/http';
import { TestDatabase } from '@orderflow/testing';
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { SmtpIntake } from '../src/mail/smtp-intake.js';
import { SandboxModule } from '../src/sandbox.module.js';

export interface Answer {
  status: number;
  body: Record<string, unknown> & { items: Record<string, unknown>[]; next: string | null };
}

export const SILENCE_MS = 1_000;

/** The sandbox on a port, with a database of its own for all tests of a file. */
export class SandboxApp {
  private readonly database = new TestDatabase('sandbox');
  private app!: NestFastifyApplication;

  constructor() {
    beforeAll(async () => {
      Logger.overrideLogger(false);
      await this.restart();
    });
  }

  /** Another process on the same database takes its place. */
  async restart(convention: 'iso' | 'stripe' = 'iso'): Promise<void> {
    const module = SandboxModule.with({
      HOST: '127.0.0.1',
      PORT: 0,
      SMTP_PORT: 0,
      RATE_LIMIT_PER_SECOND: 1_000,
      TRUSTED_PROXIES: [],
      AUTH_ISSUER: 'orderflow',
      AUTH_AUDIENCE: 'orderflow',
      DATABASE_URL: this.database.url,
      SLOW_SECONDS: 0.2,
      SILENCE_SECONDS: SILENCE_MS / 1_000,
      PAYMENT_PROVIDER_AMOUNTS: convention,
    });
    const started = await createHttpApp(module, { service: 'sandbox', auth: 'off', closeGraceMs: 100 });
    await started.listen(0, '127.0.0.1');
    this.database.beforeDrop(() => started.close());
    this.app = started;
  }

  get smtpPort(): number {
    return this.app.get(SmtpIntake).port;
  }

  readonly call = async (
    method: string,
    path: string,
    body?: unknown,
    key?: string,
    timeoutMs = 30_000,
  ): Promise<Answer> => {
    const { port } = this.app.getHttpServer().address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      signal: AbortSignal.timeout(timeoutMs),
      headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { 'idempotency-key': key }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as Answer['body'] };
  };

  readonly charge = (body: object, key: string, timeoutMs?: number): Promise<Answer> =>
    this.call('POST', '/charges', body, key, timeoutMs);

  /** The answer to a charge; a request that the database was too slow for is repeated. */
  readonly answered = (body: object, key: string): Promise<Answer> =>
    eventually(async () => {
      const answer = await this.charge(body, key);
      return answer.status !== 503 && answer;
    });

  readonly chargesOf = async (orderId: string): Promise<Answer['body']['items']> =>
    eventually(async () => {
      const { status, body } = await this.call('GET', `/charges?orderId=${orderId}`);
      return status === 200 && body.items;
    });
}

export const order = (token = 'tok_visa', amountMinor = 1_000) => ({
  orderId: randomUUID(),
  amountMinor,
  currency: 'EUR',
  token,
});
