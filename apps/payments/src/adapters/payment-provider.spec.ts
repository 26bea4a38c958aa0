import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PaymentProvider } from './payment-provider.js';
import type { AmountConvention } from './provider-amounts.js';

interface ProviderRequest {
  path: string | undefined;
  headers: IncomingHttpHeaders;
  body: unknown;
}

let server: Server;
let convention: AmountConvention;
let provider: PaymentProvider;
const never = new AbortController().signal;

// Long enough for a busy machine; short for a test of silence.
const [LONG_MS, SHORT_MS] = [10_000, 300];

/** A provider that answers each request in turn; `undefined` is silence. */
async function answering(...answers: ([status: number, body: unknown] | undefined)[]): Promise<ProviderRequest[]> {
  const requests: ProviderRequest[] = [];
  server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      requests.push({ path: request.url, headers: request.headers, body: JSON.parse(text) });
      const answer = answers[requests.length - 1];
      if (answer) response.writeHead(answer[0], { 'content-type': 'application/json' }).end(JSON.stringify(answer[1]));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  provider = new PaymentProvider(
    `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    answers.includes(undefined) ? SHORT_MS : LONG_MS,
    convention,
  );
  return requests;
}

beforeEach(() => {
  convention = 'iso';
});

afterEach(async () => {
  jest.restoreAllMocks();
  await provider.onApplicationShutdown();
  server.closeAllConnections();
  server.close();
});

const bill = { amountMinor: 1900, currency: 'EUR', token: 'tok_visa' };
const refunded = { refundId: 're_1', status: 'refunded' };
const chargeOf = (orderId: string) => ({
  key: `charge-${orderId}`,
  kind: 'charge',
  subject: orderId,
  request: bill,
});

describe('the payment provider', () => {
  // proves: payments: the provider gets the key of the call
  it('charges with the key of the call', async () => {
    const orderId = randomUUID();
    const requests = await answering([200, { chargeId: 'ch_1', status: 'captured' }]);
    await expect(provider.charge(chargeOf(orderId), never)).resolves.toEqual({
      type: 'RecordCapture',
      orderId,
      chargeId: 'ch_1',
    });
    expect(requests).toMatchObject([
      {
        path: '/v1/charges',
        headers: { 'idempotency-key': `charge-${orderId}`, 'content-type': 'application/json' },
        body: { orderId, ...bill },
      },
    ]);
  });

  it('declines with the reason', async () => {
    const orderId = randomUUID();
    await answering([200, { chargeId: 'ch_1', status: 'declined', declineCode: 'insufficient_funds' }]);
    await expect(provider.charge(chargeOf(orderId), never)).resolves.toEqual({
      type: 'RecordDecline',
      orderId,
      code: 'insufficient_funds',
    });
  });

  it('refunds a charge', async () => {
    const orderId = randomUUID();
    const requests = await answering([200, refunded]);
    const request = { chargeId: 'ch_1', amountMinor: 1900, currency: 'EUR' };
    const call = { key: `refund-${orderId}`, kind: 'refund', subject: orderId, request };
    await expect(provider.refund(call, never)).resolves.toEqual({
      type: 'RecordRefund',
      orderId,
      refund: { refundId: 're_1', isElsewhere: false },
    });
    expect(requests[0]).toMatchObject({ path: '/v1/refunds', body: { chargeId: 'ch_1', amountMinor: 1900 } });
  });

  it('writes amounts in the convention of the provider, in charges and refunds', async () => {
    convention = 'stripe';
    const requests = await answering([200, { chargeId: 'ch_1', status: 'captured' }], [200, refunded]);
    const call = { ...chargeOf(randomUUID()), request: { amountMinor: 1900, currency: 'ISK', token: 'tok_visa' } };
    await provider.charge(call, never);
    await provider.refund({ ...call, request: { chargeId: 'ch_1', amountMinor: 1900, currency: 'ISK' } }, never);
    expect(requests.map(({ body }) => body)).toMatchObject([{ amountMinor: 190_000 }, { amountMinor: 190_000 }]);
  });

  it('declines an amount that the provider cannot express, without a request', async () => {
    convention = 'stripe';
    const orderId = randomUUID();
    const requests = await answering();
    const call = { ...chargeOf(orderId), request: { amountMinor: 1905, currency: 'KWD', token: 'tok_visa' } };
    await expect(provider.charge(call, never)).resolves.toEqual({
      type: 'RecordDecline',
      orderId,
      code: 'amount_not_representable',
    });
    expect(requests).toEqual([]);
  });

  // proves: payments: a failure of the provider is no answer
  it('takes no failure for an answer', async () => {
    const error = jest.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
    await answering([500, {}], [503, {}], [429, {}], [200, { status: 'captured' }], [200, { status: 'odd' }]);
    for (const reason of ['answered 500', 'answered 503', 'answered 429', 'chargeId', 'status'])
      await expect(provider.charge(chargeOf(randomUUID()), never)).rejects.toThrow(reason);
    expect(error).not.toHaveBeenCalled();
  });

  const problem = (kind: string) => ({ type: `urn:provider:problem:${kind}`, detail: `It is ${kind}.` });

  // proves: payments: a refusal that stays is told apart
  it('tells a refusal that does not pass by itself, with the words of the provider', async () => {
    await answering([422, problem('amount-too-large')], [404, '<html>'], [409, problem('refund-too-large')]);
    for (const message of ['answered 422 to /charges', 'answered 404', 'It is refund-too-large.'])
      await expect(provider.charge(chargeOf(randomUUID()), never)).rejects.toMatchObject({
        name: 'NotAnswered',
        message: expect.stringContaining(message),
        next: { when: 'refused' },
      });
  });

  it('takes a refusal that speaks of our own set-up, or passes, for no refusal of the call', async () => {
    const error = jest.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
    await answering([401, {}], [403, {}], [409, problem('in-progress')], [429, {}], [302, {}]);
    for (const status of [401, 403, 409, 429, 302])
      await expect(provider.charge(chargeOf(randomUUID()), never)).rejects.toMatchObject({
        name: 'Error',
        message: expect.stringContaining(`answered ${status}`),
      });
    expect(error).toHaveBeenCalledTimes(2);
  });

  it('takes a charge that is refunded already for refunded elsewhere', async () => {
    const orderId = randomUUID();
    await answering([409, problem('charge-already-refunded')]);
    const call = { ...chargeOf(orderId), request: { chargeId: 'ch_1', amountMinor: 1900, currency: 'EUR' } };
    await expect(provider.refund(call, never)).resolves.toEqual({
      type: 'RecordRefund',
      orderId,
      refund: { refundId: '', isElsewhere: true },
    });
  });

  it('times out on silence', async () => {
    await answering(undefined);
    await expect(provider.charge(chargeOf(randomUUID()), never)).rejects.toThrow(/timeout/);
  });

  it('stops when its signal aborts', async () => {
    await answering(undefined);
    const stop = new AbortController();
    const charge = provider.charge(chargeOf(randomUUID()), stop.signal);
    stop.abort(new Error('stopping'));
    await expect(charge).rejects.toThrow('stopping');
  });
});
