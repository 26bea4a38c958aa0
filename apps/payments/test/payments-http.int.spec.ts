import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger, Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Database } from '@orderflow/durable';
import { createHttpApp } from '@orderflow/http';
import { testDatabase } from '@orderflow/testing';
import { randomUUID } from 'node:crypto';
import { PrismaPaymentReader } from '../src/adapters/prisma-payment-reader.js';
import { PaymentReader } from '../src/domain/payment-reader.js';
import { PaymentsController } from '../src/http/payments.controller.js';

let database: Awaited<ReturnType<typeof testDatabase>>;
let app: NestFastifyApplication;

async function startApp(databaseUrl: string): Promise<NestFastifyApplication> {
  @Module({
    controllers: [PaymentsController],
    providers: [{ provide: PaymentReader, useFactory: () => new PrismaPaymentReader(databaseUrl) }],
  })
  class ReadsModule {}
  const started = await createHttpApp(ReadsModule, { service: 'payments', closeGraceMs: 100 });
  await started.init();
  return started;
}

async function get(orderId: string, from = app): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await from.inject({ method: 'GET', url: `/payments/${orderId}` });
  return { status: answer.statusCode, body: answer.json() };
}

beforeAll(async () => {
  Logger.overrideLogger(false);
  database = await testDatabase('payments');
  app = await startApp(database.url);
});
afterAll(async () => {
  await app.close();
  await database.drop();
});

describe('GET /payments/{orderId}', () => {
  it('shows what was captured and refunded', async () => {
    const orderId = randomUUID();
    const sql = new Database(database.url, 'payments test', 1);
    await sql.query(
      `INSERT INTO payments (order_id, status, sequence, amount_minor, currency, charge_id, refund_id, updated_at)
       VALUES ($1, 'refunded', 2, 1900, 'EUR', 'ch_1', 're_1', '2026-11-01T12:00:00Z')`,
      [orderId],
    );
    await sql.end();
    expect(await get(orderId.toUpperCase())).toEqual({
      status: 200,
      body: {
        orderId,
        status: 'refunded',
        amountMinor: 1900,
        currency: 'EUR',
        capturedMinor: 1900,
        refundedMinor: 1900,
        chargeId: 'ch_1',
        refundId: 're_1',
        updatedAt: '2026-11-01T12:00:00.000Z',
      },
    });
  });

  it('answers 404 for an order that was never placed', async () => {
    expect(await get(randomUUID())).toMatchObject({ status: 404, body: { type: 'urn:orderflow:problem:not-found' } });
  });

  it('refuses an invalid order id', async () => {
    expect(await get('42')).toMatchObject({ status: 400, body: { errors: [{ field: 'orderId' }] } });
  });

  it('answers 503 while the database is unreachable', async () => {
    const apart = await startApp('postgres://nobody:nothing@127.0.0.1:1/none');
    expect(await get(randomUUID(), apart)).toMatchObject({ status: 503, body: { status: 503 } });
    await apart.close();
  });
});
