import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '@orderflow/durable';
import { testDatabase } from '@orderflow/testing';
import { httpEdge, type HttpEdge } from '@orderflow/testing/http';
import { randomUUID } from 'node:crypto';
import { PrismaPaymentReader } from '../src/adapters/prisma-payment-reader.js';
import { PaymentReader } from '../src/domain/payment-reader.js';
import { PaymentsController } from '../src/http/payments.controller.js';

let database: Awaited<ReturnType<typeof testDatabase>>;
let edge: HttpEdge;

const get = (orderId: string) => edge.request('GET', `/payments/${orderId}`);

beforeAll(async () => {
  database = await testDatabase('payments');
  const provider = { provide: PaymentReader, useValue: new PrismaPaymentReader(database.url) };
  edge = await httpEdge('payments', { controllers: [PaymentsController], providers: [provider] });
});
afterAll(async () => {
  await edge.close();
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
      headers: expect.anything(),
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
});
