import { describe, expect, it } from '@jest/globals';
import { bounds } from '@orderflow/contracts';
import { RecordTooLarge } from '@orderflow/durable';
import { FieldDecrypter } from '@orderflow/encryption';
import { randomUUID } from 'node:crypto';
import { good, keys, OrdersEdge, problem, secret, shownOrders } from '../../test/orders-edge.js';
import { orderIdFor } from './order-id.js';
import { refuse } from './refusals.js';

const edge = new OrdersEdge();
const { post, get, cancel } = edge;

describe('POST /orders', () => {
  it('answers 202 with the order and its location', async () => {
    const { status, headers, body } = await post('/orders', good);
    const { orderId, ...rest } = body;
    expect(status).toBe(202);
    expect(rest).toEqual({ status: 'placed', version: 1, totalMinor: 900, currency: 'EUR' });
    expect(headers['location']).toBe(`/orders/${String(orderId)}`);
  });

  // proves: orders: the same Idempotency-Key is the same order
  it('gives the same answer to the same key and body, also after the order is over', async () => {
    const first = await post('/orders', good, 'k 1');
    const { orderId } = first.body;
    await post(`/orders/${String(orderId)}/cancel`);
    expect(await post('/orders', { ...good, currency: 'EUR' }, 'k 1')).toMatchObject({ status: 202, body: first.body });
    expect(orderId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('refuses the same key with another body', async () => {
    await post('/orders', good, 'k 2');
    const other = await post('/orders', { ...good, email: 'bob@example.com' }, 'k 2');
    expect(other).toMatchObject({ status: 422, body: { type: problem('idempotency-key-reused') } });
  });

  // proves: orders: an Idempotency-Key belongs to its customer
  it("gives another customer with the same key an order of his own, and does not burn the first one's key", async () => {
    const { orderId } = (await post('/orders', good, 'k 4')).body;
    const other = await post('/orders', { ...good, customerId: 'bob' }, 'k 4');
    expect(other.status).toBe(202);
    expect(other.body['orderId']).not.toBe(orderId);
    expect((await post('/orders', good, 'k 4')).body['orderId']).toBe(orderId);
  });

  it('makes ids that cannot be guessed without the secret', () => {
    const id = orderIdFor('k 5', 'c-1', secret);
    expect(orderIdFor('k 5', 'c-1', secret)).toBe(id);
    expect(orderIdFor('k 5', 'c-1', randomUUID())).not.toBe(id);
  });

  it('warns a request without a key, and no other', async () => {
    const withoutKey = await post('/orders', good);
    expect(withoutKey.headers['idempotency-warning']).toContain('no Idempotency-Key');
    const withKey = await post('/orders', good, 'k 6');
    expect(withKey.headers).not.toHaveProperty('idempotency-warning');
  });

  it('refuses further orders while too many are pending, but gives a repeated request the answer of its order', async () => {
    const first = await post('/orders', good, 'k 9');
    edge.isOpen = false;
    try {
      const another = await post('/orders', good, 'k 10');
      expect(another).toMatchObject({ status: 503, body: { type: problem('backlog') } });
      expect([another.headers['retry-after'], edge.refused]).toEqual(['12', 1]);
      expect(edge.states.size).toBe(1);
      expect(await post('/orders', good, 'k 9')).toMatchObject({ status: 202, body: first.body });
      expect(await post(`/orders/${String(first.body['orderId'])}/cancel`)).toMatchObject({ status: 202 });
    } finally {
      edge.isOpen = true;
    }
  });

  it('refuses several keys instead of joining them', async () => {
    const headers = { 'idempotency-key': ['a', 'b'] };
    const answer = await edge.request('POST', '/orders', good, headers);
    const errors = [{ field: 'Idempotency-Key', message: 'must be given once' }];
    expect(answer).toMatchObject({ status: 400, body: { errors } });
  });

  // proves: orders: the payment token leaves a request encrypted
  it('passes the payment token on encrypted for payments, bound to the order', async () => {
    const { orderId } = (await post<{ orderId: string }>('/orders', good)).body;
    expect(JSON.stringify(edge.lastPlaced)).not.toContain('tok_visa');
    const decrypter = new FieldDecrypter([keys.privateKey]);
    expect(await decrypter.decrypt(edge.lastPlaced!.paymentToken, orderId)).toBe('tok_visa');
  });

  it('refuses the same key with another payment token, and tells no token by its digest', async () => {
    await post('/orders', good, 'k 7');
    const { paymentTokenDigest } = edge.lastPlaced!;
    expect(await post('/orders', { ...good, paymentToken: 'tok_slow' }, 'k 7')).toMatchObject({ status: 422 });
    await post('/orders', good, 'k 7');
    expect(edge.lastPlaced!.paymentTokenDigest).toBe(paymentTokenDigest);
    await post('/orders', good, 'k 8');
    expect(edge.lastPlaced!.paymentTokenDigest).not.toBe(paymentTokenDigest);
  });

  it.each(['x'.repeat(256), 'schlüssel', ''])('refuses the key %p', async (key) => {
    expect(await post('/orders', good, key)).toMatchObject({ status: 400 });
  });

  it.each([
    ['unknown-sku', 'lines[1].sku', { lines: [...good.lines, { sku: 'NONE', quantity: 1 }] }],
    ['currency-mismatch', 'lines[0].sku', { currency: 'USD' }],
  ])('names the line of %s', async (kind, field, change) => {
    const { status, body } = await post('/orders', { ...good, ...change });
    expect({ status, body }).toMatchObject({ status: 422, body: { type: problem(kind), errors: [{ field }] } });
  });

  it('accepts as many lines as there may be, all of one SKU', async () => {
    const lines = Array.from({ length: bounds.lines }, () => ({ sku: 'TEA', quantity: 1 }));
    const answer = await post('/orders', { ...good, lines });
    expect(answer).toMatchObject({ status: 202, body: { totalMinor: bounds.lines * 450 } });
  });

  it('accepts the total that the customer saw, and answers a repeated request alike after the price has changed', async () => {
    const request = { ...good, expectedTotalMinor: 900 };
    const first = await post('/orders', request, 'k 3');
    edge.prices.set('TEA', { priceMinor: 460, currency: 'EUR', sequence: 2 });
    expect(await post('/orders', request, 'k 3')).toMatchObject({ status: 202, body: first.body });
    expect(await post('/orders', good, 'k 3')).toMatchObject({ status: 422 });
    edge.prices.set('TEA', { priceMinor: 450, currency: 'EUR', sequence: 3 });
  });

  it('refuses another total than the customer saw, and names both', async () => {
    const { status, body } = await post('/orders', { ...good, expectedTotalMinor: 890 });
    const totals = { expectedTotalMinor: 890, totalMinor: 900, currency: 'EUR' };
    expect({ status, body }).toMatchObject({ status: 409, body: { type: problem('total-differs'), ...totals } });
  });

  it('refuses a total that cannot be charged, and names the bound', async () => {
    const lines = [{ sku: 'TEA', quantity: 2_001 }];
    const { status, body } = await post('/orders', { ...good, lines });
    const totals = { totalMinor: 900_450, mostTotalMinor: 900_000, currency: 'EUR' };
    expect(body).toMatchObject({ status: 422, type: problem('total-too-large'), ...totals });
    expect(status).toBe(422);
  });

  it('refuses an order that is too large for one event, and names the bound', () => {
    const refused = () => refuse()(new RecordTooLarge(1_000_000));
    const members = { bytes: 1_000_000, mostBytes: 900_000 };
    expect(refused).toThrow(expect.objectContaining({ status: 422, extras: { members } }));
  });

  it('waits for the ProductChanged of a product that was defined a moment ago', async () => {
    edge.afterRefusal = () => void edge.prices.set('NEW', { priceMinor: 100, currency: 'EUR', sequence: 1 });
    expect(await post('/orders', { ...good, lines: [{ sku: 'NEW', quantity: 1 }] })).toMatchObject({ status: 202 });
  });

  it('refuses an order of no customer', async () => {
    const body = { type: problem('validation'), errors: [{ field: 'customerId' }] };
    expect(await post('/orders', { ...good, customerId: undefined })).toMatchObject({ status: 400, body });
  });

  const line = good.lines[0]!;
  it.each<[string, object]>([
    ['customerId', { customerId: '' }],
    ['customerId', { customerId: 'a b' }],
    ['customerId', { customerId: 'x'.repeat(65) }],
    ['email', { email: 'ada' }],
    ['email', { email: 'ada@example.com\r\nBcc: all@example.com' }],
    ['email', { email: `ada@${'x'.repeat(60)}.${'y'.repeat(190)}.com` }],
    ['currency', { currency: 'euro' }],
    ['lines', { lines: [] }],
    ['lines', { lines: Array.from({ length: bounds.lines + 1 }, () => line) }],
    ['lines[0].sku', { lines: [{ ...line, sku: ' TEA' }] }],
    ['lines[0].sku', { lines: [{ ...line, sku: 'a\u202eb' }] }],
    ['lines[0].quantity', { lines: [{ ...line, quantity: 0 }] }],
    ['lines[0].quantity', { lines: [{ ...line, quantity: 1.5 }] }],
    ['lines[0].quantity', { lines: [{ ...line, quantity: bounds.quantity + 1 }] }],
    ['lines[0].quantity', { lines: [{ ...line, quantity: '1' }] }],
    ['lines[0].priceMinor', { lines: [{ ...line, priceMinor: 1 }] }],
    ['paymentToken', { paymentToken: 'tok-visa' }],
    ['totalMinor', { totalMinor: 1 }],
    ['expectedTotalMinor', { expectedTotalMinor: -1 }],
    ['expectedTotalMinor', { expectedTotalMinor: 9.5 }],
    ['expectedTotalMinor', { expectedTotalMinor: null }],
  ])('names the invalid field %s of %o', async (field, change) => {
    const { status, body } = await post<{ errors: { field: string }[] }>('/orders', { ...good, ...change });
    expect(status).toBe(400);
    expect(body.errors.map((error) => error.field)).toContain(field);
  });
});

describe('POST /orders/{id}/cancel', () => {
  it('cancels an order once, then answers 409', async () => {
    const { orderId } = (await post<{ orderId: string }>('/orders', good)).body;
    const { status, body } = await post(`/orders/${orderId}/cancel`);
    expect([status, body]).toEqual([202, { orderId, status: 'cancelled', version: 2 }]);
    expect(await post(`/orders/${orderId}/cancel`)).toMatchObject({ status: 409 });
  });

  it('cancels with If-Match only an order that is as the customer saw it', async () => {
    const { orderId } = shownOrders[0]!;
    const { etag } = (await get(`/orders/${orderId}`)).headers;
    expect(await cancel(orderId, '"other"')).toMatchObject({
      status: 412,
      body: { type: problem('precondition-failed') },
    });
    expect(await cancel(randomUUID(), '*')).toMatchObject({ status: 404 });
    // Past the precondition: this order is in the read model of this test only.
    expect(await cancel(orderId, etag)).toMatchObject({ status: 404 });
  });

  it('takes no body', async () => {
    const answer = await post(`/orders/${randomUUID()}/cancel`, { reason: 'too late' });
    expect(answer).toMatchObject({ status: 400, body: { type: problem('unexpected-body') } });
  });

  it('answers 404 for an order that was never placed', async () => {
    expect(await post(`/orders/${randomUUID()}/cancel`)).toMatchObject({ status: 404 });
    expect(await post('/orders/1/cancel')).toMatchObject({ status: 400 });
  });
});
