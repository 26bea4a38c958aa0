import 'reflect-metadata';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createHttpApp } from '@orderflow/http';
import { TestDatabase } from '@orderflow/testing';
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { SmtpIntake } from '../src/mail/smtp-intake.js';
import { SandboxModule } from '../src/sandbox.module.js';
import { sendMail } from './smtp-client.js';

interface Answer {
  status: number;
  body: Record<string, unknown> & { items: Record<string, unknown>[]; next: string | null };
}

const database = new TestDatabase('sandbox');
let app: NestFastifyApplication;

async function startApp(convention: 'iso' | 'stripe' = 'iso'): Promise<NestFastifyApplication> {
  const module = SandboxModule.with({
    HOST: '127.0.0.1',
    PORT: 0,
    SMTP_PORT: 0,
    DATABASE_URL: database.url,
    SLOW_SECONDS: 0.2,
    SILENCE_SECONDS: 1,
    PAYMENT_PROVIDER_AMOUNTS: convention,
  });
  const started = await createHttpApp(module, { service: 'sandbox', closeGraceMs: 100 });
  await started.listen(0, '127.0.0.1');
  database.beforeDrop(() => started.close());
  return started;
}

beforeAll(async () => {
  Logger.overrideLogger(false);
  app = await startApp();
});

async function call(method: string, path: string, body?: unknown, key?: string, timeoutMs = 10_000): Promise<Answer> {
  const { port } = app.getHttpServer().address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    signal: AbortSignal.timeout(timeoutMs),
    headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { 'idempotency-key': key }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Answer['body'] };
}

const order = (token = 'tok_visa', amountMinor = 1_000) => ({
  orderId: randomUUID(),
  amountMinor,
  currency: 'EUR',
  token,
});
const charge = (body: object, key: string, timeoutMs?: number) => call('POST', '/charges', body, key, timeoutMs);
const chargesOf = async (orderId: string) => (await call('GET', `/charges?orderId=${orderId}`)).body.items;

describe('a charge', () => {
  it('is captured and recorded in the ledger', async () => {
    const [body, key] = [order(), randomUUID()];
    const { status, body: answer } = await charge(body, key);
    expect({ status, answer }).toEqual({ status: 200, answer: { chargeId: expect.any(String), status: 'captured' } });
    const { token: _token, ...shown } = body;
    expect(await chargesOf(body.orderId)).toEqual([
      {
        ...shown,
        chargeId: answer['chargeId'],
        status: 'captured',
        refundedMinor: 0,
        idempotencyKey: key,
        createdAt: expect.stringMatching(/Z$/),
      },
    ]);
  });

  it('with tok_declined is declined and recorded', async () => {
    const body = order('tok_declined');
    expect((await charge(body, randomUUID())).body).toMatchObject({ status: 'declined', declineCode: 'card_declined' });
    expect(await chargesOf(body.orderId)).toMatchObject([{ status: 'declined' }]);
  });

  it('requested fifty times at once with one key is one charge with fifty equal answers', async () => {
    const [body, key] = [order(), randomUUID()];
    const answers = await Promise.all(Array.from({ length: 50 }, () => charge(body, key)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await chargesOf(body.orderId)).toHaveLength(1);
  });

  it('with a key that was used for another body is refused', async () => {
    const [body, key] = [order(), randomUUID()];
    await charge(body, key);
    const { status, body: problem } = await charge({ ...body, amountMinor: 2_000 }, key);
    expect([status, problem['type']]).toEqual([422, 'urn:orderflow:problem:idempotency-key-reused']);
  });

  it.each([
    ['no key', order(), undefined],
    ['a negative amount', { ...order(), amountMinor: -1 }, 'k'],
    ['a fraction', { ...order(), amountMinor: 1.5 }, 'k'],
    ['an unknown field', { ...order(), tip: 1 }, 'k'],
    ['no token', { orderId: 'o', amountMinor: 1, currency: 'EUR' }, 'k'],
  ])('with %s is refused', async (_case, body, key) => {
    expect((await call('POST', '/charges', body, key)).status).toBe(400);
  });

  it('is refused above the limit', async () => {
    await call('PUT', '/faults', { payments: { maxAmount: 999 } });
    const body = order();
    const { status, body: problem } = await charge(body, randomUUID());
    expect([status, problem['type']]).toEqual([422, 'urn:orderflow:problem:amount-too-large']);
    await call('PUT', '/faults', { payments: {} });
    expect(await chargesOf(body.orderId)).toEqual([]);
  });

  it("and its refund are recorded in the minor unit of ISO 4217, whatever the provider's is", async () => {
    app = await startApp('stripe');
    const body = { ...order('tok_visa', 190_000), currency: 'ISK' };
    const { body: answer } = await charge(body, randomUUID());
    await call('POST', '/refunds', { chargeId: answer['chargeId'], amountMinor: 50_000 }, randomUUID());
    expect(await chargesOf(body.orderId)).toMatchObject([{ amountMinor: 1_900, refundedMinor: 500 }]);
    const { status, body: problem } = await charge({ ...body, amountMinor: 190_050 }, randomUUID());
    expect([status, problem['type']]).toEqual([422, 'urn:orderflow:problem:invalid-amount']);
    app = await startApp();
  });

  it('has its recorded answer after a restart', async () => {
    const [body, key] = [order(), randomUUID()];
    const before = await charge(body, key);
    app = await startApp();
    expect(await charge(body, key)).toEqual(before);
  });

  it('with tok_slow is answered late', async () => {
    const began = performance.now();
    expect((await charge(order('tok_slow'), randomUUID())).body).toMatchObject({ status: 'captured' });
    expect(performance.now() - began).toBeGreaterThan(190);
  });

  it('with tok_flaky fails twice, then succeeds for good', async () => {
    const [body, key] = [order('tok_flaky'), randomUUID()];
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 4; attempt++) statuses.push((await charge(body, key)).status);
    expect(statuses).toEqual([500, 500, 200, 200]);
    expect(await chargesOf(body.orderId)).toHaveLength(1);
  });

  it('with tok_timeout is recorded at once, and answered only after the silence', async () => {
    const [body, key] = [order('tok_timeout'), randomUUID()];
    await expect(charge(body, key, 300)).rejects.toThrow(/timeout/);
    expect(await chargesOf(body.orderId)).toMatchObject([{ status: 'captured' }]);
    let answer: Answer | undefined;
    // During the silence, each request ends by its own timeout.
    for (let attempt = 0; attempt < 20 && !answer; attempt++)
      answer = await charge(body, key, 150).catch(() => undefined);
    expect(answer?.body).toMatchObject({ status: 'captured' });
    expect(await chargesOf(body.orderId)).toHaveLength(1);
  });
});

describe('a refund', () => {
  let body: ReturnType<typeof order>;
  let chargeId: unknown;
  beforeEach(async () => {
    body = order();
    chargeId = (await charge(body, randomUUID())).body['chargeId'];
  });
  const refund = (amountMinor: number, key = randomUUID(), of = chargeId) =>
    call('POST', '/refunds', { chargeId: of, amountMinor }, key);
  const refunded = async () => (await chargesOf(body.orderId))[0]?.['refundedMinor'];

  it('is made once per key', async () => {
    const key = randomUUID();
    const first = await refund(400, key);
    expect(first).toMatchObject({ status: 200, body: { refundId: expect.any(String), status: 'refunded' } });
    expect(await refund(400, key)).toEqual(first);
    expect((await refund(300, key)).status).toBe(422);
    expect(await refunded()).toBe(400);
  });

  it('is never more than was captured, also under concurrent requests', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => refund(300)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 200, 200, 409, 409, 409, 409, 409]);
    expect(await refunded()).toBe(900);
  });

  it('of a declined charge is refused, of an unknown one not found', async () => {
    const declined = (await charge(order('tok_declined'), randomUUID())).body['chargeId'];
    expect((await refund(1, randomUUID(), declined)).status).toBe(409);
    expect((await refund(1, randomUUID(), 'ch_unknown')).status).toBe(404);
  });
});

describe('the ledger', () => {
  it('is read page by page, every charge once', async () => {
    await Promise.all(Array.from({ length: 7 }, () => charge(order(), randomUUID())));
    const seen: unknown[] = [];
    let after = '';
    for (;;) {
      const { body } = await call('GET', `/charges?limit=3${after}`);
      seen.push(...body.items.map(({ chargeId }) => chargeId));
      if (body.next === null) break;
      after = `&after=${body.next}`;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBeGreaterThanOrEqual(7);
  });
});

const mail = (messageId: string, orderId: string) =>
  [
    'From: shop@example.com',
    'To: jane@example.com',
    'Subject: Confirmed',
    `Message-ID: ${messageId}`,
    `X-Order-Id: ${orderId}`,
    'X-Template: order-confirmed',
    '',
    'Thank you.',
  ].join('\r\n');

describe('the mailbox', () => {
  const send = (message: string) => sendMail(app.get(SmtpIntake).port, message);
  const mailsOf = async (orderId: string) => (await call('GET', `/mails?orderId=${orderId}`)).body.items;

  it('stores a mail, and counts its copies', async () => {
    const orderId = randomUUID();
    const message = mail(`<${orderId}.confirmed@orderflow>`, orderId);
    expect(await send(message)).toEqual([220, 250, 250, 250, 354, 250]);
    await Promise.all([send(message), send(message)]);
    expect(await mailsOf(orderId)).toEqual([
      {
        messageId: `<${orderId}.confirmed@orderflow>`,
        orderId,
        template: 'order-confirmed',
        to: 'jane@example.com',
        subject: 'Confirmed',
        text: 'Thank you.\n',
        copies: 3,
        receivedAt: expect.stringMatching(/Z$/),
      },
    ]);
  });

  it('answers 421 in an outage and stores nothing', async () => {
    const orderId = randomUUID();
    await call('PUT', '/faults', { mail: { outage: true } });
    expect((await send(mail(`<${orderId}@orderflow>`, orderId))).at(-1)).toBe(421);
    await call('PUT', '/faults', { mail: {} });
    expect(await mailsOf(orderId)).toEqual([]);
  });

  it('answers every recipient as it is told to', async () => {
    await call('PUT', '/faults', { mail: { reply: '554 5.7.1 client host blocked' } });
    const replies = await send(mail('<refused@orderflow>', randomUUID()));
    await call('PUT', '/faults', { mail: {} });
    expect(replies).toEqual([220, 250, 250, 554]);
  });

  it('refuses a mail that is too large', async () => {
    expect((await send(mail('<large@orderflow>', 'o') + 'x'.repeat(300_000))).at(-1)).toBe(552);
  });
});

describe('faults', () => {
  afterEach(async () => {
    await call('PUT', '/faults', { payments: {}, mail: {} });
  });
  const harmless = { declineRate: 0, errorRate: 0, delayMs: 0, outage: false, failRefunds: 0, maxAmount: 10 ** 12 };

  it('are replaced section by section', async () => {
    await call('PUT', '/faults', { payments: { declineRate: 0.5, delayMs: 5 }, mail: { delayMs: 1 } });
    const { body } = await call('PUT', '/faults', { payments: { declineRate: 0.25 } });
    expect(body).toEqual({ payments: { ...harmless, declineRate: 0.25 }, mail: { outage: false, delayMs: 1 } });
    expect((await call('PUT', '/faults', {})).body).toEqual(body);
    expect((await call('GET', '/faults')).body).toEqual(body);
  });

  it.each([
    [{ payments: { declineRate: 2 } }],
    [{ payments: { slow: true } }],
    [{ stock: {} }],
    [{ mail: { outage: 'yes' } }],
    [{ mail: { reply: '250 fine' } }],
  ])('%j is refused', async (change) => {
    expect((await call('PUT', '/faults', change)).status).toBe(400);
  });

  it('of payments: an outage answers 503 and charges nothing', async () => {
    const body = order();
    await call('PUT', '/faults', { payments: { outage: true } });
    expect((await charge(body, randomUUID())).status).toBe(503);
    expect(await chargesOf(body.orderId)).toEqual([]);
  });

  it('of payments: charges are declined at declineRate, errors are 500, some of them after the charge', async () => {
    await call('PUT', '/faults', { payments: { declineRate: 1 } });
    expect((await charge(order(), randomUUID())).body).toMatchObject({
      status: 'declined',
      declineCode: 'card_declined',
    });
    await call('PUT', '/faults', { payments: { errorRate: 1 } });
    const orders = Array.from({ length: 40 }, () => order());
    const answers = await Promise.all(orders.map((body) => charge(body, randomUUID())));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([500]));
    const recorded = await Promise.all(orders.map(async ({ orderId }) => (await chargesOf(orderId)).length));
    expect(new Set(recorded)).toEqual(new Set([0, 1]));
  });

  it('of refunds: failRefunds requests fail, some of them after the refund, which is made once', async () => {
    const { body } = await charge(order(), randomUUID());
    const key = randomUUID();
    await call('PUT', '/faults', { payments: { failRefunds: 20 } });
    const refund = () => call('POST', '/refunds', { chargeId: body['chargeId'], amountMinor: 1_000 }, key);
    for (let attempt = 0; attempt < 20; attempt++) expect((await refund()).status).toBe(500);
    expect((await call('GET', '/faults')).body['payments']).toEqual(harmless);
    const [first, second] = [await refund(), await refund()];
    expect(first).toMatchObject({ status: 200, body: { status: 'refunded' } });
    expect(second).toEqual(first);
  });
});
