import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { OrdersEdge, problem, shownOrders } from '../../test/orders-edge.js';

const edge = new OrdersEdge();
const { get, cancel } = edge;

describe('GET /orders/{id}?at=', () => {
  const at = (instant: string) => get(`/orders/${shownOrders[0]!.orderId}?at=${instant.replace('+', '%2B')}`);

  it('answers with the order as it was, and null for what orders does not know of then', async () => {
    const then = await at('2026-11-01T12:30:00.000Z');
    expect(then).toMatchObject({ status: 200, headers: { 'x-read-from': 'write-side' } });
    const asOf = { at: '2026-11-01T12:30:00.000Z', complete: false };
    expect(then.body).toMatchObject({ status: 'placed', version: 1, stock: null, payment: null, settled: null, asOf });
  });

  it('has all fields once the instant is not before anything that orders has consumed', async () => {
    const then = await at('2026-11-01T14:00:00.000+01:00');
    const asOf = { at: '2026-11-01T13:00:00.000Z', complete: true };
    expect(then.body).toMatchObject({ stock: 'pending', payment: 'pending', settled: false, asOf });
  });

  it('says when the order came to be, for an instant before', async () => {
    const existsSince = '2026-11-01T12:00:02.000Z';
    const body = { type: problem('not-found'), existsSince, detail: `The order came to be at ${existsSince}.` };
    expect(await at('2026-11-01T12:00:00.000Z')).toMatchObject({ status: 404, body });
  });

  it('refuses the future, and a text that is no instant', async () => {
    expect(await at('2999-01-01T00:00:00.000Z')).toMatchObject({ status: 422, body: { type: problem('future') } });
    for (const text of ['yesterday', '2026-11-01', '2026-11-01T12:00:00', ''])
      expect(await at(text)).toMatchObject({ status: 400, body: { errors: [{ field: 'at' }] } });
  });

  it('takes a minVersion too, and has an entity tag that cancels nothing', async () => {
    const { etag } = (await at('2026-11-01T14:00:00Z&minVersion=2')).headers;
    expect(etag).toBeDefined();
    expect(await cancel(shownOrders[0]!.orderId, etag)).toMatchObject({ status: 412 });
  });
});

describe('GET /orders', () => {
  it('names the side that it read from', async () => {
    expect(await get(`/orders/${shownOrders[0]!.orderId}?minVersion=1`)).toMatchObject({
      status: 200,
      headers: { 'x-read-from': 'view' },
      body: { version: 1, placedAt: '2026-11-01T12:00:02.000Z' },
    });
  });

  it('continues after the previous page, with the same filters', async () => {
    const { next } = (await get<{ next: string }>('/orders?limit=1')).body;
    await get(`/orders?limit=1&after=${next}&status=placed&customerId=c-1&settled=false`);
    const { orderId, placedAt } = shownOrders[0]!;
    expect(edge.lastFilter).toEqual({
      status: 'placed',
      customerId: 'c-1',
      settled: false,
      after: { orderId, placedAt },
    });
  });

  it.each([
    '?status=gone',
    '?settled=1',
    '?after=abc',
    '?limit=0',
    '?customerId=a%20b',
    `/${randomUUID()}?minVersion=-1`,
  ])('refuses /orders%s', async (url) => {
    expect(await get(`/orders${url}`)).toMatchObject({ status: 400 });
  });

  it.each(['', '/events', '?at=2026-11-01T12:30:00Z'])(
    'answers 404 for an order that neither side has: %j',
    async (part) => {
      expect(await get(`/orders/${randomUUID()}${part}`)).toMatchObject({ status: 404 });
    },
  );

  it('is described as OpenAPI', async () => {
    const { paths } = (await get<{ paths: object }>('/docs-json')).body;
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining(['/orders', '/orders/{orderId}', '/orders/{orderId}/events', '/orders/{orderId}/cancel']),
    );
  });
});
