import 'reflect-metadata';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { bounds } from '@orderflow/contracts';
import { Commands, Connection, type Sql } from '@orderflow/durable';
import { handleBatch, TestDatabase } from '@orderflow/testing';
import { httpEdge, type HttpEdge } from '@orderflow/testing/http';
import { randomUUID } from 'node:crypto';
import { InventoryRepository } from '../src/adapters/inventory-repository.js';
import { PrismaProductReader } from '../src/adapters/prisma-product-reader.js';
import { decide } from '../src/domain/decide.js';
import { evolve } from '../src/domain/evolve.js';
import type { InventoryTypes } from '../src/domain/inventory-working-set.js';
import { ProductReader } from '../src/domain/product-reader.js';
import { ProductsController } from '../src/http/products.controller.js';

const database = new TestDatabase('inventory');
/** As of two processes: a connection has one transaction at a time. */
let instances: Connection[];
let requests = 0;
let edge: HttpEdge;

const commands: Pick<Commands<InventoryTypes>, 'execute'> = {
  execute: async (command) => {
    const handle = (sql: Sql) => handleBatch(sql, { decide, evolve }, new InventoryRepository(), [command]);
    const { states, recorded } = await instances[requests++ % instances.length]!.transaction(handle);
    return { kind: 'done', state: states[0]!, events: recorded.length };
  },
};

const request = (
  method: 'GET' | 'PUT' | 'POST',
  path: string,
  body?: object,
  headers?: Record<string, string>,
): ReturnType<HttpEdge['request']> => edge.request(method, `/products${path}`, body, headers);

const tea = { name: 'Tea, grün', priceMinor: 450, currency: 'EUR' };
const ok = (body: object) => ({ status: 200, headers: expect.anything(), body });
const invalid = (field: string) => ({
  status: 400,
  body: { type: 'urn:orderflow:problem:validation', errors: [{ field }] },
});

beforeAll(async () => {
  instances = [1, 2].map((number) => database.ending(new Connection(database.url, `inventory test ${number}`)));
  edge = await httpEdge('inventory', {
    controllers: [ProductsController],
    providers: [
      { provide: ProductReader, useValue: new PrismaProductReader(database.url) },
      { provide: Commands, useValue: commands },
    ],
  });
  database.beforeDrop(() => edge.close());
});

describe('/products/{sku}', () => {
  it('is defined, changed and shown', async () => {
    const sku = randomUUID();
    const view = { sku, ...tea, onHand: 0, reserved: 0, available: 0, committed: 0 };
    expect(await request('PUT', `/${sku}`, tea)).toMatchObject({
      status: 201,
      headers: { location: `/products/${sku}` },
      body: view,
    });
    expect(await request('PUT', `/${sku}`, tea)).toEqual(ok(view));
    expect(await request('PUT', `/${sku}`, { ...tea, priceMinor: 500 })).toMatchObject({ body: { priceMinor: 500 } });
    expect(await request('GET', `/${sku}`)).toEqual(ok({ ...view, priceMinor: 500 }));
  });

  it('is created by one of two equal requests at once, and the other one changes nothing', async () => {
    for (let time = 0; time < 20; time += 1) {
      const path = `/${randomUUID()}`;
      const answers = await Promise.all([request('PUT', path, tea), request('PUT', path, tea)]);
      expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([200, 201]);
      expect(answers.filter(({ headers }) => headers['location'] === `/products${path}`)).toHaveLength(1);
    }
  });

  it('is changed with If-Match only while its ETag is current', async () => {
    const sku = randomUUID();
    const change = (priceMinor: number, etag: unknown) =>
      request('PUT', `/${sku}`, { ...tea, priceMinor }, { 'if-match': String(etag) });
    const failed = { status: 412, body: { type: 'urn:orderflow:problem:precondition-failed' } };
    expect(await change(500, '*')).toMatchObject(failed);
    const { etag } = (await request('PUT', `/${sku}`, tea)).headers;
    const changed = await change(500, etag);
    expect(changed).toMatchObject({ status: 200, body: { priceMinor: 500 } });
    expect((await request('GET', `/${sku}`)).headers['etag']).toBe(changed.headers['etag']);
    for (const stale of [etag, '"*"', '"a,*,b"']) expect(await change(600, stale)).toMatchObject(failed);
    await request('POST', `/${sku}/deliveries`, { deliveryId: randomUUID(), quantity: 1 });
    expect(await change(600, changed.headers['etag'])).toMatchObject(failed);
    expect(await change(600, '*')).toMatchObject({ status: 200, body: { priceMinor: 600, onHand: 1 } });
  });

  it('is not found before it is defined', async () => {
    expect(await request('GET', '/none')).toMatchObject({
      status: 404,
      body: { type: 'urn:orderflow:problem:not-found' },
    });
  });

  it('refuses an invalid product and names the field', async () => {
    for (const [field, value] of [
      ['name', ''],
      ['name', 'x'.repeat(201)],
      ['name', 'two\nlines'],
      ['priceMinor', -1],
      ['priceMinor', bounds.priceMinor + 1],
      ['priceMinor', 4.5],
      ['currency', 'eur'],
      ['colour', 'green'],
    ] as const)
      expect(await request('PUT', '/TEA', { ...tea, [field]: value })).toMatchObject(invalid(field));
    for (const sku of ['%20', 'a%0Ab', 'a%20', '%20a', 'a%C2%A0b', 'a%E2%80%8Bb', 'a%E2%80%AEb', 'x'.repeat(65)])
      expect(await request('PUT', `/${sku}`, tea)).toMatchObject(invalid('sku'));
  });

  it('is free, or costs as much as the bound', async () => {
    const sku = randomUUID();
    for (const priceMinor of [0, bounds.priceMinor]) {
      await request('PUT', `/${sku}`, { ...tea, priceMinor });
      expect(await request('GET', `/${sku}`)).toMatchObject({ status: 200, body: { priceMinor } });
    }
  });

  it.each([
    'A/B',
    '50% OFF',
    'BANK CHARGES',
    'a+b & (c) #1?',
    'gift_0001_40',
    '%2F',
    'Grüße: 茶 ☕',
    '/'.repeat(64),
    '茶'.repeat(64),
  ])('has the SKU %j, percent-encoded in its path', async (sku) => {
    const path = `/${encodeURIComponent(sku)}`;
    const headers = { location: `/products${path}` };
    expect(await request('PUT', path, tea)).toMatchObject({ status: 201, headers, body: { sku } });
    const delivery = { deliveryId: randomUUID(), quantity: 3 };
    expect(await request('POST', `${path}/deliveries`, delivery)).toMatchObject({ status: 200, body: { onHand: 3 } });
    expect(await request('GET', path)).toMatchObject({ status: 200, body: { sku, onHand: 3 } });
  });

  it('is another product in upper case than in lower case', async () => {
    await request('PUT', '/m', { ...tea, priceMinor: 1 });
    await request('PUT', '/M', { ...tea, priceMinor: 2 });
    expect(await request('GET', '/m')).toMatchObject({ body: { sku: 'm', priceMinor: 1 } });
    expect(await request('GET', '/M')).toMatchObject({ body: { sku: 'M', priceMinor: 2 } });
  });
});

describe('/products/{sku}/deliveries', () => {
  it('are booked once', async () => {
    const sku = randomUUID();
    await request('PUT', `/${sku}`, tea);
    const delivery = { deliveryId: randomUUID(), quantity: 7 };
    for (let time = 0; time < 2; time += 1)
      expect(await request('POST', `/${sku}/deliveries`, delivery)).toMatchObject({
        status: 200,
        body: { sku, onHand: 7, available: 7 },
      });
  });

  it('are refused under the id of another delivery', async () => {
    const sku = randomUUID();
    await request('PUT', `/${sku}`, tea);
    const delivery = { deliveryId: randomUUID(), quantity: 7 };
    await request('POST', `/${sku}/deliveries`, delivery);
    expect(await request('POST', `/${sku}/deliveries`, { ...delivery, quantity: 8 })).toMatchObject({
      status: 409,
      body: { rule: 'delivery-differs' },
    });
  });

  it('are refused for an unknown product', async () => {
    const delivery = { deliveryId: randomUUID(), quantity: 7 };
    expect(await request('POST', '/none/deliveries', delivery)).toMatchObject({ status: 404 });
  });

  it('are refused when they are invalid, naming the field', async () => {
    const delivery = { deliveryId: 'd-1', quantity: 7 };
    for (const [field, value] of [
      ['deliveryId', 'a b'],
      ['quantity', 0],
      ['quantity', 1_000_001],
      ['quantity', '7'],
    ] as const)
      expect(await request('POST', '/TEA/deliveries', { ...delivery, [field]: value })).toMatchObject(invalid(field));
  });
});

describe('/products', () => {
  it('lists all products by SKU, page by page', async () => {
    const skus = Array.from({ length: 5 }, (): string => randomUUID());
    for (const sku of skus) await request('PUT', `/${sku}`, tea);
    const seen: string[] = [];
    for (let after: string | null = ''; after !== null;) {
      const { body } = await request('GET', `?limit=2${after && `&after=${encodeURIComponent(after)}`}`);
      const { items, next } = body as { items: { sku: string }[]; next: string | null };
      seen.push(...items.map(({ sku }) => sku));
      after = next;
    }
    expect(seen.filter((sku) => skus.includes(sku))).toEqual(skus.toSorted());
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('refuses an invalid page, naming the field', async () => {
    for (const query of ['limit=0', 'limit=101', 'limit=ten', 'after=', 'after=%00', 'colour=green'])
      expect(await request('GET', `?${query}`)).toMatchObject(invalid(query.split('=')[0]!));
  });

  it('throws a transient error when the database is unreachable', async () => {
    const nowhere = new PrismaProductReader('postgres://nobody:none@127.0.0.1:1/none');
    await expect(nowhere.list(undefined, 1)).rejects.toMatchObject({ transient: true });
  });
});
