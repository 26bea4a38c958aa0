import 'reflect-metadata';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Connection } from '@orderflow/durable';
import { StreamReader } from '@orderflow/client';
import { createHttpApp } from '@orderflow/http';
import { readHeard, type Viewed, viewDecider, type ViewedType } from '@orderflow/order-view';
import { PinoLogger } from '@orderflow/telemetry';
import { anEvent, handleBatch, TestDatabase } from '@orderflow/testing';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { randomUUID } from 'node:crypto';
import { PrismaOrderReader } from '../src/adapters/prisma-order-reader.js';
import { ViewRepository } from '../src/adapters/view-repository.js';
import { OrderReader } from '../src/domain/order-reader.js';
import { LiveOrders } from '../src/http/live-orders.js';
import { OrderReadsController } from '../src/http/order-reads.controller.js';

const CUTS = 100;

const own = new TestDatabase('orders');
const views = new ViewRepository();
let projection: Connection;
let urls: string[];

/** Two instances of orders, without their consumers: the views are written by the test. */
beforeAll(async () => {
  Logger.overrideLogger(false);
  projection = own.ending(new Connection(own.url, 'views'));
  const instances = await Promise.all([start(), start()]);
  urls = await Promise.all(instances.map((app) => app.getUrl()));
});

async function start(): Promise<NestFastifyApplication> {
  const providers = [
    LiveOrders,
    { provide: OrderReader, useFactory: () => new PrismaOrderReader(own.url) },
    { provide: PinoLogger, useValue: { warn: () => undefined } },
  ];
  const module = { module: class Edge {}, controllers: [OrderReadsController], providers };
  const app = await createHttpApp(module, { service: 'orders', auth: 'off', closeGraceMs: 60_000 });
  own.beforeDrop(() => app.close());
  await app.listen(0, '127.0.0.1');
  return app;
}

const project = (...events: Viewed[]) => projection.transaction((sql) => handleBatch(sql, viewDecider, views, events));
const event = (type: ViewedType, subject: string, sequence = 1): Viewed => anEvent(type, { subject, sequence });
const urlOf = (orderId: string, instance = 0) => `${urls[instance]!}/orders/${orderId}/stream`;

async function place(): Promise<string> {
  const orderId = randomUUID();
  const placed = event('OrderPlaced', orderId);
  await projection.session((sql) =>
    sql.query(
      `INSERT INTO order_events (order_id, version, id, type, data, time, correlation_id, causation_id, traceparent)
       VALUES ($1, 1, gen_random_uuid(), 'OrderPlaced', $2, $3, '', '', '')`,
      [orderId, JSON.stringify(placed.data), placed.time],
    ),
  );
  await project(placed);
  return orderId;
}

const settle = (orderId: string) =>
  project(
    event('OrderConfirmed', orderId, 2),
    event('StockCommitted', orderId, 2),
    event('PaymentCaptured', orderId),
    event('NotificationSent', orderId),
  );

const sumOf = (id: string | undefined): number =>
  Object.values(readHeard(id ?? '') ?? {}).reduce((sum, sequence) => sum + sequence, 0);

describe('GET /orders/{id}/stream', () => {
  it('tells the current view, then each newer one that any instance writes, and ends once the order is settled', async () => {
    const orderId = await place();
    const readers = await Promise.all([0, 1].map((instance) => new StreamReader().open(urlOf(orderId, instance))));
    for (const reader of readers) await reader.until(({ data }) => data['stock'] === 'pending');
    await project(event('StockReserved', orderId));
    for (const reader of readers) await reader.until(({ data }) => data['stock'] === 'reserved');
    await settle(orderId);
    for (const reader of readers) {
      expect(await reader.ended()).toBe(true);
      expect(reader.frames.map(({ name, id }) => [name, id])).toEqual([
        ['order', 'orders:1,inventory:0,payments:0,notifications:0'],
        ['order', 'orders:1,inventory:1,payments:0,notifications:0'],
        ['order', 'orders:2,inventory:2,payments:1,notifications:1'],
      ]);
      const now = await (await fetch(`${urls[0]!}/orders/${orderId}`)).json();
      expect(reader.frames.at(-1)?.data).toEqual(now);
    }
  });

  it(`loses and repeats nothing while it is cut ${CUTS} times and resumed at either instance`, async () => {
    const orderId = await place();
    const ids: string[] = [];
    let lastId: string | undefined;
    for (let cut = 0; cut < CUTS; cut += 1) {
      const reader = await new StreamReader().open(urlOf(orderId, cut % 2), lastId);
      // Before the resumed stream has looked, while it looks, or after it has told the view.
      const writing = project(event('StockReserved', orderId, cut + 1));
      if (cut % 3 === 0) await writing;
      if (cut % 3 === 1) await reader.until(({ id }) => sumOf(id) > sumOf(lastId));
      await reader.close();
      await writing;
      ids.push(...reader.frames.map(({ id }) => id!));
      lastId = reader.lastId ?? lastId;
    }
    const last = await new StreamReader().open(urlOf(orderId), lastId);
    if (sumOf(lastId) < 1 + CUTS) await last.until(({ id }) => sumOf(id) === 1 + CUTS);
    await settle(orderId);
    await project(event('StockCommitted', orderId, CUTS + 1));
    expect(await last.ended()).toBe(true);
    ids.push(...last.frames.map(({ id }) => id!));
    const sums = ids.map(sumOf);
    expect(sums).toEqual([...new Set(sums)].toSorted((a, b) => a - b));
    expect(last.frames.at(-1)?.data).toMatchObject({ settled: true, status: 'confirmed' });
  });

  it('answers 204 where the client has the last view: a browser then asks no more', async () => {
    const orderId = await place();
    await project(event('StockReserved', orderId));
    await settle(orderId);
    const reader = await new StreamReader().open(urlOf(orderId));
    expect(await reader.ended()).toBe(true);
    const headers = { 'last-event-id': reader.lastId!, accept: 'text/event-stream' };
    expect((await fetch(urlOf(orderId), { headers })).status).toBe(204);
  });

  it('answers 404 for an order that was never placed, 400 for an id that is of no event', async () => {
    const headers = { accept: 'text/event-stream' };
    const unknown = await fetch(urlOf(randomUUID()), { headers });
    expect([unknown.status, await unknown.json()]).toMatchObject([404, { type: 'urn:orderflow:problem:not-found' }]);
    const orderId = await place();
    for (const id of ['2', 'orders:1', 'orders:1,inventory:0,payments:0,notifications:x']) {
      const answer = await fetch(urlOf(orderId), { headers: { ...headers, 'last-event-id': id } });
      expect([answer.status, await answer.json()]).toMatchObject([400, { errors: [{ field: 'Last-Event-ID' }] }]);
    }
  });

  it('ends in order when its instance stops; the client goes on at another one', async () => {
    const orderId = await place();
    const stopping = await start();
    const reader = await new StreamReader().open(`${await stopping.getUrl()}/orders/${orderId}/stream`);
    await reader.until(({ name }) => name === 'order');
    await stopping.close();
    expect(await reader.ended()).toBe(true);
    await project(event('StockReserved', orderId));
    const resumed = await new StreamReader().open(urlOf(orderId), reader.lastId);
    expect(await resumed.until(() => true)).toMatchObject({ data: { stock: 'reserved' } });
    await resumed.close();
  });
});
