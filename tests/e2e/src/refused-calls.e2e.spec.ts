import { afterEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { type Charge, demand, eventually, request } from '@orderflow/client';
import { deadLettersCli } from './support/parked.js';
import { Scrape } from './support/scrape.js';
import { auditPasses, TestSystem } from './support/test-system.js';

const MOST_REFUSALS = 3;
const system = new TestSystem({
  env: {
    payments: { CALL_MAX_REFUSALS: String(MOST_REFUSALS), CALL_MAX_BACKOFF_MS: '50' },
    sandbox: { SLOW_SECONDS: '4' },
  },
});

interface OpenedCall {
  readonly state: string;
  readonly reason: string;
  readonly choices: readonly string[];
  readonly failures: readonly object[];
  readonly actions: readonly { action: string; operator: string; reason: string | null }[];
}

const callsUrl = () => `${system.client.urls.payments}/dead-letters/calls`;
const deadCalls = async (kind: string) =>
  (await Scrape.of(system.client, 'payments')).sum('orderflow_external_calls_dead', { kind });

/** The call once it is a dead letter. */
async function deadLetter(key: string): Promise<OpenedCall> {
  return eventually(async () => {
    const { body } = await request(`${callsUrl()}/${key}`);
    expect(body).toMatchObject({ state: 'dead' });
    return body as unknown as OpenedCall;
  });
}

/** What `orderflow dead-letters` prints. */
async function orderflow(...args: string[]): Promise<string> {
  const { code, said } = await deadLettersCli(system, ...args);
  expect({ code, said }).toMatchObject({ code: 0 });
  return said;
}

/** An order that the provider refuses to charge, since its amount is above the limit. */
async function orderAboveTheLimit(): Promise<string> {
  const { client } = system;
  const sku = await client.newProduct({ units: 1 });
  await client.setFaults({ payments: { maxAmount: 1_499 } });
  return client.place({ lines: [{ sku, quantity: 1 }] });
}

/** A refund in the provider's console. */
const refundByHand = async ({ chargeId }: Charge, amountMinor: number) =>
  demand(`${system.client.urls.sandbox}/refunds`, {
    json: { chargeId, amountMinor },
    headers: { 'idempotency-key': randomUUID() },
  });

/** An order that is charged 3,000 and then cancelled, with something done at the provider in between. */
async function cancelledAfter(doing: (charge: Charge) => Promise<unknown>): Promise<string> {
  const { client } = system;
  const sku = await client.newProduct({ units: 2 });
  const orderId = await client.place({ lines: [{ sku, quantity: 2 }], paymentToken: 'tok_slow' });
  await doing(await client.chargeOf(orderId));
  await client.cancelInTime(orderId);
  return orderId;
}

afterEach(async () => system.client.setFaults({ payments: {} }));

describe('a charge above the limit of the provider', () => {
  it('is a dead letter, and cancels its order when an operator voids it', async () => {
    const { client } = system;
    const orderId = await orderAboveTheLimit();
    const call = await deadLetter(`charge-${orderId}`);
    expect(call).toMatchObject({ choices: ['void'], reason: expect.stringContaining('above the limit of 1499') });
    expect(call.failures).toHaveLength(MOST_REFUSALS);
    expect(await deadCalls('charge')).toBe(1);

    expect(await orderflow('list')).toContain(`payments/charge-${orderId}`);
    await orderflow('settle', `payments/charge-${orderId}`, 'void', '--reason', 'not in the console');
    expect(await client.settled(orderId)).toMatchObject({ cancelReason: 'payment_declined', payment: 'declined' });
    expect(await client.charges(orderId)).toEqual([]);
    expect(await deadCalls('charge')).toBe(0);
    expect(await orderflow('show', `payments/charge-${orderId}`)).toContain('void by bob: not in the console');
    expect(await orderflow('log', '--calls')).toContain(`payments/charge-${orderId}`);
  });

  it('is voided where its order is cancelled already', async () => {
    const { client } = system;
    const orderId = await orderAboveTheLimit();
    await deadLetter(`charge-${orderId}`);
    await client.cancel(orderId);
    const json = { as: 'void', reason: 'not in the console' };
    await eventually(async () => expect(await client.order(orderId)).toMatchObject({ stock: 'released' }));
    // Payments may consume the cancellation a moment later than inventory.
    await eventually(async () =>
      expect(await system.count('payments', 'payments', `order_id = '${orderId}' AND status = 'cancelling'`)).toBe(1),
    );
    expect(await request(`${callsUrl()}/charge-${orderId}/settle`, { json })).toMatchObject({ status: 200 });
    expect(await client.settled(orderId)).toMatchObject({ cancelReason: 'customer_request', payment: 'voided' });
  });

  it('is charged when it is made again after the limit was raised', async () => {
    const { client } = system;
    const orderId = await orderAboveTheLimit();
    await deadLetter(`charge-${orderId}`);
    await client.setFaults({ payments: {} });
    await orderflow('retry', `payments/charge-${orderId}`);
    expect(await client.settled(orderId)).toMatchObject({ status: 'confirmed', payment: 'captured' });
    expect(await request(`${callsUrl()}/charge-${orderId}/retry`, { method: 'POST' })).toMatchObject({ status: 404 });
  });
});

describe('a refund that was made by hand', () => {
  it('settles the order as refunded elsewhere', async () => {
    const { client } = system;
    const orderId = await cancelledAfter((charge) => refundByHand(charge, 3_000));
    expect(await client.settled(orderId)).toMatchObject({ status: 'cancelled', payment: 'refunded' });
    expect(await client.payment(orderId)).toMatchObject({ refundedMinor: 3_000, refundedElsewhere: true });
    expect(await client.mailsOf(orderId)).toEqual(['order-cancelled x1', 'payment-refunded x1']);
  });

  it('in part is a dead letter, until an operator has refunded the rest and says so', async () => {
    const { client } = system;
    let charge: Charge;
    const orderId = await cancelledAfter((made) => refundByHand((charge = made), 1_000));
    expect(await deadLetter(`refund-${orderId}`)).toMatchObject({ choices: ['void', 'refunded-elsewhere'] });
    await refundByHand(charge!, 2_000);
    const settle = ['settle', `payments/refund-${orderId}`, 'refunded-elsewhere'];
    await orderflow(...settle, '--reason', 'two refunds by hand', '--reference', 'console-7');
    expect(await client.settled(orderId)).toMatchObject({ payment: 'refunded' });
    expect(await client.payment(orderId)).toMatchObject({ refundId: 'console-7', refundedElsewhere: true });
  });

  it('in part is settled as well when the refund is made again after the rest was refunded', async () => {
    const { client } = system;
    let charge: Charge;
    const orderId = await cancelledAfter((made) => refundByHand((charge = made), 1_000));
    await deadLetter(`refund-${orderId}`);
    await refundByHand(charge!, 2_000);
    expect(await request(`${callsUrl()}/refund-${orderId}/retry`, { method: 'POST' })).toMatchObject({ status: 202 });
    expect(await client.settled(orderId)).toMatchObject({ payment: 'refunded' });
  });
});

describe('a refund of a charge that the provider does not know', () => {
  it('is a dead letter, and is voided by an operator', async () => {
    const { client } = system;
    const orderId = await cancelledAfter(async ({ chargeId }) =>
      // Its answer is on the way.
      system.rowsOf('sandbox', 'DELETE FROM charges WHERE charge_id = $1', [chargeId]),
    );
    expect(await deadLetter(`refund-${orderId}`)).toMatchObject({ reason: expect.stringContaining('no such charge') });
    const url = `${callsUrl()}/refund-${orderId}/settle`;
    const json = { as: 'lost', reason: 'not in the console' };
    expect(await request(url, { json })).toMatchObject({
      status: 422,
      body: { type: 'urn:orderflow:problem:unknown-settlement', choices: ['void', 'refunded-elsewhere'] },
    });
    expect(await request(url, { json: { ...json, as: 'void' } })).toMatchObject({ status: 200 });
    expect(await client.settled(orderId)).toMatchObject({ status: 'cancelled', payment: 'voided', stock: 'released' });
    expect(await request(url, { json: { ...json, as: 'void' } })).toMatchObject({
      status: 409,
      body: { type: 'urn:orderflow:problem:not-a-dead-letter' },
    });
  });
});

auditPasses(system);
