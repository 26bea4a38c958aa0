import 'reflect-metadata';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Connection } from '@orderflow/durable';
import { handleBatch, TestDatabase } from '@orderflow/testing';
import { httpEdge, type HttpEdge } from '@orderflow/testing/http';
import { randomUUID } from 'node:crypto';
import { NoticeRepository } from '../src/adapters/notice-repository.js';
import { PrismaNoticeReader } from '../src/adapters/prisma-notice-reader.js';
import { decide } from '../src/domain/decide.js';
import { evolve } from '../src/domain/evolve.js';
import { NoticeReader } from '../src/domain/notice-reader.js';
import type { NoticeCommand, Notices } from '../src/domain/notice.js';
import { NotificationsController } from '../src/http/notifications.controller.js';

const repository = new NoticeRepository();
const at = '2026-11-01T12:00:00.000Z';
const money = { amountMinor: 1900, currency: 'EUR' };

const database = new TestDatabase('notifications');
let instances: [Connection, Connection];
let edge: HttpEdge;

beforeAll(async () => {
  const [one, two] = ['one', 'two'].map((name) => database.ending(new Connection(database.url, name)));
  instances = [one!, two!];
  const provider = { provide: NoticeReader, useValue: new PrismaNoticeReader(database.url) };
  edge = await httpEdge('notifications', { controllers: [NotificationsController], providers: [provider] });
  database.beforeDrop(() => edge.close());
});

const email = 'ada@example.com';
const confirmed = (orderId: string): NoticeCommand => ({ type: 'NotifyConfirmed', orderId, at, email, total: money });
const cancelled = (orderId: string): NoticeCommand => ({
  type: 'NotifyCancelled',
  orderId,
  at,
  email,
  reason: 'timed_out',
});
const refunded = (orderId: string): NoticeCommand => ({ type: 'NotifyRefunded', orderId, at, refund: money });

const handle = async (instance: Connection, commands: readonly NoticeCommand[]): Promise<Notices[]> =>
  (await instance.transaction((sql) => handleBatch(sql, { decide, evolve }, repository, commands))).states;

const get = (query: string) =>
  edge.request<{ items: { orderId: string }[]; next: string | null }>('GET', `/notifications?${query}`);

describe('the notices table', () => {
  it('loads every state as it was saved', async () => {
    const [waiting, over] = [randomUUID(), randomUUID()];
    const commands = [refunded(waiting), cancelled(over), refunded(over)];
    const saved = await handle(instances[0], commands);
    const loaded = await instances[1].transaction((sql) => repository.load(sql, commands));
    expect(commands.map((command) => loaded.get(command))).toEqual([saved[0], saved[2], saved[2]]);
  });

  it('finds the rows of a batch by key, also while its plan is of a time when the table was empty', async () => {
    const session = database.ending(new Connection(database.url, 'batches', { enable_seqscan: 'off' }));
    // PostgreSQL keeps the plan of the sixth call.
    for (let call = 0; call < 8; call += 1) await handle(session, [cancelled(randomUUID())]);
    const others = 'INSERT INTO notices (order_id) SELECT gen_random_uuid() FROM generate_series(1, 20000)';
    await session.transaction((sql) => sql.query(others));
    const read = await session.transaction(async (sql) => {
      await handleBatch(sql, { decide, evolve }, repository, [cancelled(randomUUID())]);
      return sql.query<{ rows: number }>(
        `SELECT (seq_tup_read + idx_tup_fetch)::int AS rows FROM pg_stat_xact_user_tables WHERE relname = 'notices'`,
      );
    });
    expect(read[0]!.rows).toBeLessThan(100);
  });

  it('loses neither of two events of one order that two instances consume at once', async () => {
    for (let round = 0; round < 100; round += 1) {
      const orderId = randomUUID();
      await Promise.all([handle(instances[0], [cancelled(orderId)]), handle(instances[1], [refunded(orderId)])]);
      const { body } = await get(`orderId=${orderId}`);
      expect(body.items).toMatchObject([{ template: 'order-cancelled' }, { template: 'payment-refunded' }]);
    }
  });

  // proves: notifications: the row of an order is locked
  it('loses neither of them where the row exists already, by its lock', async () => {
    for (let round = 0; round < 100; round += 1) {
      const orderId = randomUUID();
      await instances[0].transaction((sql) => repository.load(sql, [cancelled(orderId)]));
      await Promise.all([handle(instances[0], [cancelled(orderId)]), handle(instances[1], [refunded(orderId)])]);
      const { body } = await get(`orderId=${orderId}`);
      expect(body.items).toMatchObject([{ template: 'order-cancelled' }, { template: 'payment-refunded' }]);
    }
  });
});

describe('GET /notifications', () => {
  it('lists the mails of an order, without the address', async () => {
    const orderId = randomUUID();
    const messageId = '<order-confirmed>';
    const sent: NoticeCommand = { type: 'RecordAccepted', orderId, at, template: 'order-confirmed', messageId };
    await handle(instances[0], [confirmed(orderId), sent]);
    expect(await get(`orderId=${orderId}`)).toEqual({
      status: 200,
      headers: expect.anything(),
      body: { items: [{ orderId, template: 'order-confirmed', status: 'sent', messageId, at }], next: null },
    });
  });

  it('lists nothing for an order that is not over', async () => {
    const orderId = randomUUID();
    await handle(instances[0], [refunded(orderId)]);
    expect((await get(`orderId=${orderId}`)).body).toEqual({ items: [], next: null });
  });

  it('is read page by page, each mail once', async () => {
    const ids = Array.from({ length: 7 }, () => randomUUID());
    await handle(instances[0], [...ids.map(cancelled), ...ids.slice(0, 4).map(refunded)]);
    const all = (await get('limit=100')).body.items;
    const seen: unknown[] = [];
    let next: string | null = null;
    do {
      const page = await get(`limit=3${next === null ? '' : `&after=${next}`}`);
      seen.push(...page.body.items);
      next = page.body.next;
    } while (next !== null && seen.length < 100);
    expect(seen.slice(0, 100)).toEqual(all.slice(0, seen.length));
    expect(all.map(({ orderId }) => orderId)).toEqual(
      all
        .map(({ orderId }) => orderId)
        .toSorted()
        .toReversed(),
    );
  });

  it('refuses an invalid query', async () => {
    for (const query of ['orderId=42', 'after=42', `after=${randomUUID()}~hello`, 'limit=0', 'page=2'])
      expect(await get(query)).toMatchObject({ status: 400 });
  });

  it('throws a transient error when the database is unreachable', async () => {
    const nowhere = new PrismaNoticeReader('postgres://nobody:none@127.0.0.1:1/none');
    await expect(nowhere.list({ limit: 1 })).rejects.toMatchObject({ transient: true });
  });
});
