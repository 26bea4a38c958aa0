import 'reflect-metadata';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { randomUUID } from 'node:crypto';
import { order, SandboxApp, SILENCE_MS } from './sandbox-app.js';

const sandbox = new SandboxApp();
const { answered, call, charge, chargesOf } = sandbox;

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
    const answers = await Promise.all(Array.from({ length: 50 }, () => answered(body, key)));
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
    await sandbox.restart('stripe');
    const body = { ...order('tok_visa', 190_000), currency: 'ISK' };
    const { body: answer } = await charge(body, randomUUID());
    await call('POST', '/refunds', { chargeId: answer['chargeId'], amountMinor: 50_000 }, randomUUID());
    expect(await chargesOf(body.orderId)).toMatchObject([{ amountMinor: 1_900, refundedMinor: 500 }]);
    const { status, body: problem } = await charge({ ...body, amountMinor: 190_050 }, randomUUID());
    expect([status, problem['type']]).toEqual([422, 'urn:orderflow:problem:invalid-amount']);
    await sandbox.restart();
  });

  it('has its recorded answer after a restart', async () => {
    const [body, key] = [order(), randomUUID()];
    const before = await charge(body, key);
    await sandbox.restart();
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
    await eventually(async () => expect(await chargesOf(body.orderId)).toMatchObject([{ status: 'captured' }]));
    // During the silence, each request ends by its own timeout.
    const { body: answer } = await eventually(() => charge(body, key, 1_000));
    const [recorded] = await chargesOf(body.orderId);
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(String(recorded!['createdAt'])) + SILENCE_MS);
    expect(answer).toMatchObject({ status: 'captured' });
    expect(await chargesOf(body.orderId)).toHaveLength(1);
  });
});

describe('a caller that waits for no answer', () => {
  it('takes no place of others: a thousand of them, and the next charge is answered', async () => {
    // Each gives up, since this token is answered later.
    const ask = () => charge(order('tok_timeout'), randomUUID(), 400).catch(() => undefined);
    // More than the requests that may be in progress at a time.
    for (let hundred = 0; hundred < 11; hundred++) await Promise.all(Array.from({ length: 100 }, ask));
    expect((await charge(order(), randomUUID())).status).toBe(200);
  }, 300_000);
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
