import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Role } from '@orderflow/auth';
import { Commands } from '@orderflow/durable';
import { FieldEncrypter, newKeyPair } from '@orderflow/encryption';
import { PinoLogger } from '@orderflow/telemetry';
import { httpEdge, type HttpEdge } from '@orderflow/testing/http';
import { TestTokens } from '@orderflow/testing/tokens';
import { randomUUID } from 'node:crypto';
import { decide } from '../domain/decide.js';
import { evolve } from '../domain/evolve.js';
import { Intake } from '../domain/intake.js';
import { type OrderFilter, OrderReader } from '../domain/order-reader.js';
import { noOrder, type PlaceOrder } from '../domain/order.js';
import type { OrderTypes } from '../domain/order-working-set.js';
import { LiveOrders } from './live-orders.js';
import { OrderCommandsController } from './order-commands.controller.js';
import { OrderReadsController } from './order-reads.controller.js';
import { OrderSettings } from './order-settings.js';
import { PaymentTokens } from './payment-tokens.js';

const prices = new Map([['TEA', { priceMinor: 450, currency: 'EUR', sequence: 1 }]]);
let placed: PlaceOrder | undefined;
const commands: Pick<Commands<OrderTypes>, 'execute'> = {
  execute: async (command) => {
    if (command.type !== 'PlaceOrder') throw new Error('the order of another customer was reached');
    placed = command;
    const before = { order: noOrder, prices };
    const events = decide(command, before);
    return { kind: 'done', state: events.reduce(evolve, before), events: events.length };
  },
};

let filters: OrderFilter[] = [];
/** Whose orders were asked for. */
let owners: (string | undefined)[] = [];
const nothing = async (...[owner]: [string | undefined]) => void owners.push(owner);
const reader: OrderReader = {
  find: async (_orderId, _minVersion, owner) => nothing(owner) as Promise<undefined>,
  findAt: async (_orderId, _at, owner) => nothing(owner) as Promise<undefined>,
  history: async (_orderId, owner) => nothing(owner).then(() => []),
  originOf: async (_orderId, owner) => nothing(owner) as Promise<undefined>,
  viewsOf: async () => [],
  versionsOf: async () => new Map(),
  list: async (filter) => {
    filters.push(filter);
    return [];
  },
};

let edge: HttpEdge;
let tokens: TestTokens;
beforeAll(async () => {
  const secret = randomUUID();
  const { publicKey } = await newKeyPair();
  tokens = await TestTokens.create();
  const parts = {
    controllers: [OrderCommandsController, OrderReadsController],
    providers: [
      LiveOrders,
      { provide: PinoLogger, useValue: {} },
      { provide: Commands, useValue: commands },
      { provide: OrderReader, useValue: reader },
      { provide: OrderSettings, useValue: new OrderSettings(900_000, secret) },
      { provide: Intake, useValue: { isOpen: true, refuse: () => 1 } },
      { provide: PaymentTokens, useValue: new PaymentTokens(new FieldEncrypter(publicKey), secret) },
    ],
  };
  edge = await httpEdge('orders', parts, tokens.verifier);
});
afterAll(() => edge.close());

const as = async (name: string, role: Role, headers: Record<string, string> = {}) => ({
  authorization: `Bearer ${await tokens.of(name, [role])}`,
  ...headers,
});
const order = { email: 'ada@example.com', lines: [{ sku: 'TEA', quantity: 2 }], paymentToken: 'tok_visa' };
const place = (headers: Record<string, string>, change: object = {}) =>
  edge.request('POST', '/orders', { ...order, ...change }, headers);
const problem = (kind: string) => `urn:orderflow:problem:${kind}`;

describe('the customer of an order', () => {
  it('is the one of the token, who may be named or left out', async () => {
    for (const change of [{}, { customerId: 'ada' }]) {
      placed = undefined;
      expect(await place(await as('ada', 'customer'), change)).toMatchObject({ status: 202 });
      expect(placed).toMatchObject({ customerId: 'ada' });
    }
  });

  // proves: orders: a customer places orders for no other customer
  it('is no other one than that of the token', async () => {
    placed = undefined;
    const body = { type: problem('other-customer'), errors: [{ field: 'customerId' }] };
    expect(await place(await as('ada', 'customer'), { customerId: 'bob' })).toMatchObject({ status: 422, body });
    expect(placed).toBeUndefined();
  });

  it('is the one whom an operator names, who has to name one', async () => {
    expect(await place(await as('grace', 'operator'), { customerId: 'bob' })).toMatchObject({ status: 202 });
    expect(placed).toMatchObject({ customerId: 'bob' });
    const body = { type: problem('validation'), errors: [{ field: 'customerId' }] };
    expect(await place(await as('grace', 'operator'))).toMatchObject({ status: 400, body });
  });

  it('makes the Idempotency-Key of each caller a key of its own', async () => {
    const key = { 'idempotency-key': 'k 1' };
    const idOf = async (headers: Record<string, string>) => (await place(headers)).body['orderId'];
    const ofAda = await idOf(await as('ada', 'customer', key));
    expect(await idOf(await as('ada', 'customer', key))).toBe(ofAda);
    expect(await idOf(await as('eve', 'customer', key))).not.toBe(ofAda);
  });
});

const id = randomUUID();
const reads = ['', '?minVersion=2', '?at=2026-11-01T12:00:00Z', '/events', '/stream'].map(
  (part) => ['GET', part] as const,
);

describe.each([...reads, ['POST', '/cancel'] as const])('%s /orders/{id}%s', (method, part) => {
  const ask = async (headers: Record<string, string>) => {
    owners = [];
    return edge.request(method, `/orders/${id}${part}`, undefined, headers);
  };
  const of = (...names: (string | undefined)[]) => expect(owners).toEqual(names);

  it('asks for the order of the customer who calls, of any customer for an operator', async () => {
    const own = await ask(await as('ada', 'customer', { accept: '*/*' }));
    of('ada');
    const any = await ask(await as('grace', 'operator', { accept: '*/*' }));
    of(undefined);
    expect([own.status, any.status, own.body]).toEqual([404, 404, any.body]);
  });
});

it('a cancellation with If-Match reads the tag of an own order only', async () => {
  owners = [];
  const answer = await edge.request(
    'POST',
    `/orders/${id}/cancel`,
    undefined,
    await as('ada', 'customer', { 'if-match': '*' }),
  );
  expect([answer.status, owners]).toEqual([404, ['ada']]);
});

describe('a list of orders', () => {
  const list = async (query: string, headers: Record<string, string>) => {
    filters = [];
    return edge.request('GET', `/orders${query}`, undefined, headers);
  };

  // proves: orders: lists hold no orders of other customers
  it('holds those of the customer who calls, and nothing where another one is asked for', async () => {
    for (const query of ['', '?customerId=ada']) {
      await list(query, await as('ada', 'customer'));
      expect(filters).toEqual([{ customerId: 'ada' }]);
    }
    const others = await list('?customerId=bob', await as('ada', 'customer'));
    expect([others.status, others.body, filters]).toEqual([200, { items: [], next: null }, []]);
  });

  it('holds those of all customers for an operator', async () => {
    for (const [query, filter] of [
      ['', {}],
      ['?customerId=bob', { customerId: 'bob' }],
    ] as const) {
      await list(query, await as('grace', 'operator'));
      expect(filters).toEqual([filter]);
    }
  });
});
