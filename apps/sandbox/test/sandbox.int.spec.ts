import 'reflect-metadata';
import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { randomUUID } from 'node:crypto';
import { order, SandboxApp } from './sandbox-app.js';
import { sendMail } from './smtp-client.js';

const sandbox = new SandboxApp();
const { answered, call, charge, chargesOf } = sandbox;

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
  const send = (message: string) => sendMail(sandbox.smtpPort, message);
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
    const last = { since: expect.any(String), until: null };
    expect(body).toEqual({
      payments: { ...harmless, declineRate: 0.25 },
      mail: { outage: false, delayMs: 1 },
      last: { payments: last, mail: last },
    });
    expect((await call('PUT', '/faults', {})).body).toEqual(body);
    expect((await call('GET', '/faults')).body).toEqual(body);
  });

  it.each([
    [{ payments: { declineRate: 2 } }],
    [{ payments: { slow: true } }],
    [{ stock: {} }],
    [{ mail: { outage: true }, forSeconds: 0 }],
    [{ mail: { outage: 'yes' } }],
    [{ mail: { reply: '250 fine' } }],
  ])('%j is refused', async (change) => {
    expect((await call('PUT', '/faults', change)).status).toBe(400);
  });

  it('end by themselves after forSeconds', async () => {
    const { body } = await call('PUT', '/faults', { mail: { outage: true }, forSeconds: 1 });
    expect(body).toMatchObject({ mail: { outage: true }, last: { mail: { until: expect.any(String) } } });
    await eventually(async () =>
      expect((await call('GET', '/faults')).body).toMatchObject({ mail: { outage: false } }),
    );
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
    const answers = await Promise.all(orders.map((body) => answered(body, randomUUID())));
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
