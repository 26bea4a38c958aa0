import { beforeAll, describe, expect, it } from '@jest/globals';
import { accessTable } from '@orderflow/auth';
import { demand, type Order, type ProgramName, programNames, request, serviceNames } from '@orderflow/client';
import { accessRows, type Known, type Row } from './support/access-rows.js';
import { type CallerName, callers, tokensOfCallers } from './support/callers.js';
import { runOps } from './support/run-ops.js';
import { fresh, TestClient } from './support/test-client.js';
import { TestConsole } from './support/test-console.js';
import { auditPasses, TestSystem } from './support/test-system.js';

const system = new TestSystem({ login: true, env: { sandbox: { SLOW_SECONDS: '2' } } });
const pages = new TestConsole(system);

const [ada, bob] = [fresh('ada'), fresh('bob')];
let known: Known;
let tokens: Readonly<Record<CallerName, string | undefined>>;

const urlOf = (name: ProgramName): string => (name === 'console' ? pages.url : system.client.urls[name]);

/** The client of a caller. */
const as = (caller: CallerName): TestClient => new TestClient(system.client.urls, tokens[caller]);

beforeAll(async () => {
  tokens = await tokensOfCallers(system.tokens, { customer: ada, other: bob });
  const sku = await system.client.newProduct({ units: 100 });
  const orderId = await as('customer').place({ customerId: ada, lines: [{ sku, quantity: 1 }] });
  await system.client.settled(orderId);
  known = { orderId, customer: ada, sku };
});

/** What stands for a parameter of a path where the test does not name something that exists. */
const NOTHING: Readonly<Record<string, string>> = {
  id: '999999999',
  key: 'charge-of-nothing',
  name: 'nothing',
  type: 'Nothing',
};

const pathOf = (template: string, path = template): string =>
  path.replaceAll(/:(\w+)/g, (_, name: string) => {
    const value = { ...NOTHING, orderId: known.orderId, sku: known.sku }[name];
    if (value === undefined) throw new Error(`the test has no ${name} for ${template}`);
    return value;
  });

/** The status of a request; its body, which may be a stream without end, is not read. */
async function statusOf(name: ProgramName, route: string, { json, path }: Row, token?: string): Promise<number> {
  const [method = '', template = ''] = route.split(' ');
  const { status, body } = await fetch(urlOf(name) + pathOf(template, path), {
    method,
    redirect: 'manual',
    headers: {
      ...(json && { 'content-type': 'application/json' }),
      // The console takes commands from programs and its own pages alone.
      'x-console': '1',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(json && { body: JSON.stringify(json(known)) }),
  });
  await body?.cancel();
  return status;
}

describe.each<ProgramName>(programNames)('%s', (name) => {
  const rows = Object.entries(accessRows[name]);

  it('has a row here for every entry of the access table, and an entry for every operation of its document', async () => {
    expect(rows.map(([route]) => route).toSorted()).toEqual(Object.keys(accessTable[name]!).toSorted());
    const { paths } = await demand<{ paths: Record<string, object> }>(`${urlOf(name)}/docs-json`);
    const documented = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
    );
    expect(documented.filter((operation) => !(operation in accessRows[name]))).toEqual([]);
  });

  it.each(rows)('%s answers each caller with its status', async (route, row) => {
    const found: [string, number][] = [];
    for (const caller of callers) found.push([caller, await statusOf(name, route, row, tokens[caller])]);
    expect(Object.fromEntries(found)).toEqual(row.statuses);
  });
});

describe('a refusal', () => {
  const ask = async (token: string | undefined, path = '/orders', headers = {}) =>
    request(system.client.urls.orders + path, { token, headers });

  it('is the same for every token that is not valid, and tells how to ask', async () => {
    const [nobody, ...others] = await Promise.all(
      [undefined, tokens['bad signature'], tokens.expired, 'no-token'].map(async (token) => ask(token)),
    );
    expect(nobody).toMatchObject({ status: 401, body: { type: 'urn:orderflow:problem:unauthenticated' } });
    for (const other of others) expect(other.body).toEqual(nobody!.body);
    for (const { headers } of [nobody!, ...others]) expect(headers.get('www-authenticate')).toMatch(/^Bearer/);
  });

  it('meets a token in the query string, which is not read', async () => {
    expect((await ask(undefined, `/orders?access_token=${tokens.admin}`)).status).toBe(401);
  });

  it("of another customer's order has the bytes of one of an order that does not exist", async () => {
    const other = '00000000-0000-7000-8000-000000000000';
    const [foreign, missing] = await Promise.all(
      [known.orderId, other].map(async (id) => ask(tokens['other customer'], `/orders/${id}`)),
    );
    expect(foreign!.status).toBe(404);
    const text = (body: object, id: string) => JSON.stringify(body).replaceAll(id, 'ORDER');
    expect(text(foreign!.body, known.orderId)).toBe(text(missing!.body, other));
  });
});

describe('a customer', () => {
  it('sees own orders in lists, and those of nobody else', async () => {
    const own = await as('customer').orders({});
    expect(own.map(({ orderId }) => orderId)).toContain(known.orderId);
    expect(new Set(own.map(({ customerId }) => customerId))).toEqual(new Set([ada]));
    expect(await as('other customer').orders({})).toEqual([]);
  });

  it('gets an order of each outcome', async () => {
    const lines = [{ sku: known.sku, quantity: 1 }];
    const place = async (order: object) => as('customer').place({ customerId: ada, lines, ...order });
    const cancelled = await place({ paymentToken: 'tok_slow' });
    // The ledger is for operators.
    await system.client.chargeOf(cancelled);
    expect((await as('customer').cancel(cancelled)).status).toBe(202);
    const orders = [
      cancelled,
      await place({}),
      await place({ paymentToken: 'tok_declined' }),
      await place({ lines: [{ sku: known.sku, quantity: 9_000 }] }),
    ];
    const settled: Order[] = [];
    for (const orderId of orders) settled.push(await as('customer').settled(orderId));
    expect(settled.map(({ status, cancelReason, customerId }) => [status, cancelReason, customerId])).toEqual([
      ['cancelled', 'customer_request', ada],
      ['confirmed', undefined, ada],
      ['cancelled', 'payment_declined', ada],
      ['cancelled', 'out_of_stock', ada],
    ]);
  });
});

describe('a command of an operator', () => {
  const list = async (env: Readonly<Record<string, string>>) =>
    runOps('dead-letters', ['list', '--url', system.client.urls.orders], {
      ...Object.fromEntries(
        serviceNames.map((name) => [`${name.toUpperCase()}_URL`, system.client.urls[name]] as const),
      ),
      ...env,
    });

  it('is done with a token, and refused without one', async () => {
    expect(await list({ ORDERFLOW_TOKEN: tokens.operator! })).toMatchObject({ exitCode: 0, errors: '' });
    const refused = await list({ ORDERFLOW_TOKEN: '' });
    expect(refused).toMatchObject({ exitCode: 1, output: '' });
    expect(refused.errors).toContain('answers 401');
  });
});

describe('the orders of this file', () => {
  it('are all settled in the end', async () => {
    await system.client.allSettled(ada, 5);
  });
});

auditPasses(system);
