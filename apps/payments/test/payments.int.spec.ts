import 'reflect-metadata';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Connection } from '@orderflow/durable';
import { eventually } from '@orderflow/client';
import { handleBatch, TestDatabase } from '@orderflow/testing';
import { httpEdge, type HttpEdge } from '@orderflow/testing/http';
import { randomUUID } from 'node:crypto';
import { PaymentRepository } from '../src/adapters/payment-repository.js';
import { PrismaPaymentReader } from '../src/adapters/prisma-payment-reader.js';
import { decide } from '../src/domain/decide.js';
import { evolve } from '../src/domain/evolve.js';
import { PaymentReader } from '../src/domain/payment-reader.js';
import { newPayment, type Payment, type PaymentCommand } from '../src/domain/payment.js';
import { PaymentsController } from '../src/http/payments.controller.js';

const repository = new PaymentRepository();
const bill = { amountMinor: 1900, currency: 'EUR', token: 'tok_visa' };
const money = { amountMinor: 1900, currency: 'EUR' };

const database = new TestDatabase('payments');
let instances: [Connection, Connection];
let reader: PrismaPaymentReader;
let edge: HttpEdge;

beforeAll(async () => {
  const [one, two] = ['one', 'two'].map((name) => database.ending(new Connection(database.url, name)));
  instances = [one!, two!];
  reader = new PrismaPaymentReader(database.url);
  const provider = { provide: PaymentReader, useValue: reader };
  edge = await httpEdge('payments', { controllers: [PaymentsController], providers: [provider] });
  database.beforeDrop(() => edge.close());
});

const placed = (orderId: string): PaymentCommand => ({ type: 'NotePlaced', orderId, bill });
const reserved = (orderId: string): PaymentCommand => ({ type: 'NoteReserved', orderId });

const handle = async (instance: Connection, commands: readonly PaymentCommand[]): Promise<Payment[]> =>
  (await instance.transaction((sql) => handleBatch(sql, { decide, evolve }, repository, commands))).states;

const WAITING = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;

const orderIds = (count: number): string[] => Array.from({ length: count }, () => randomUUID());

describe('the payments table', () => {
  it('loads every state as it was saved', async () => {
    const known = () => ({ orderId: randomUUID(), sequence: 1 });
    const states: Payment[] = [
      { ...known(), status: 'awaiting', bill, reserved: false },
      { ...known(), status: 'awaiting', bill: undefined, reserved: true },
      { ...known(), status: 'charging', money },
      { ...known(), status: 'cancelling', money, cancelledBy: 'event-1' },
      { ...known(), status: 'captured', money, chargeId: 'ch_1' },
      { ...known(), status: 'declined', money, code: 'card_declined' },
      { ...known(), status: 'refunding', money, chargeId: 'ch_1' },
      { ...known(), status: 'refunded', money, chargeId: 'ch_1', refund: { refundId: 're_1', isElsewhere: false } },
      { ...known(), status: 'refunded', money, chargeId: 'ch_1', refund: { refundId: '', isElsewhere: true } },
      { ...known(), status: 'voided', money },
      { ...known(), status: 'voided', money: undefined },
    ];
    const touched = states.map(({ orderId }) => reserved(orderId));
    await instances[0].transaction(async (sql) => {
      const payments = await repository.load(sql, touched);
      states.forEach((state, index) => payments.set(touched[index]!, state));
      await repository.save(sql, payments, []);
    });
    await instances[0].transaction(async (sql) => {
      const payments = await repository.load(sql, touched);
      expect(touched.map((command) => payments.get(command))).toEqual(states);
    });
    for (const state of states) expect(await reader.find(state.orderId)).toMatchObject({ payment: state });
  });

  it('finds the rows of a batch by key, also while its plan is of a time when the table was empty', async () => {
    const session = database.ending(new Connection(database.url, 'batches', { enable_seqscan: 'off' }));
    // PostgreSQL keeps the plan of the sixth call.
    for (let call = 0; call < 8; call += 1) await handle(session, [placed(randomUUID())]);
    const others = 'INSERT INTO payments (order_id) SELECT gen_random_uuid() FROM generate_series(1, 20000)';
    await session.transaction((sql) => sql.query(others));
    const read = await session.transaction(async (sql) => {
      await handleBatch(sql, { decide, evolve }, repository, [placed(randomUUID())]);
      return sql.query<{ rows: number }>(
        `SELECT (seq_tup_read + idx_tup_fetch)::int AS rows FROM pg_stat_xact_user_tables WHERE relname = 'payments'`,
      );
    });
    expect(read[0]!.rows).toBeLessThan(100);
  });

  it('starts with the initial state for an unknown order', async () => {
    const orderId = randomUUID();
    expect(await reader.find(orderId)).toBeUndefined();
    await instances[0].transaction(async (sql) => {
      const payments = await repository.load(sql, [placed(orderId)]);
      expect(payments.get(placed(orderId))).toEqual(newPayment(orderId));
    });
  });

  // proves: payments: a missing row is inserted before it is locked
  it('loses neither of two events of one order that two instances consume at once', async () => {
    for (const orderId of orderIds(100)) {
      await Promise.all([handle(instances[0], [placed(orderId)]), handle(instances[1], [reserved(orderId)])]);
      expect(await reader.find(orderId)).toMatchObject({ payment: { status: 'charging' } });
    }
  });

  // proves: payments: the row of an order is locked
  it('loses neither of them where the row exists already, by its lock', async () => {
    for (const orderId of orderIds(100)) {
      await instances[0].transaction((sql) => repository.load(sql, [placed(orderId)]));
      await Promise.all([handle(instances[0], [placed(orderId)]), handle(instances[1], [reserved(orderId)])]);
      expect(await reader.find(orderId)).toMatchObject({ payment: { status: 'charging' } });
    }
  });

  // proves: payments: rows are locked in the order of their keys
  it('does not deadlock batches that share orders in different order', async () => {
    const gate = database.ending(new Connection(database.url, 'gate'));
    const watch = database.ending(new Connection(database.url, 'watch'));
    const waiting = async () => (await watch.transaction((sql) => sql.query(WAITING))).length;
    // In any other order about every second round deadlocks.
    for (let round = 0; round < 15; round += 1) {
      const ids = orderIds(50);
      await handle(instances[0], ids.map(placed));
      let ended = 0;
      const reserve = (instance: Connection, orders: readonly string[]) =>
        handle(instance, orders.map(reserved)).finally(() => ended++);
      let both: Promise<PromiseSettledResult<Payment[]>[]> | undefined;
      // Both hold some of the rows when they wait for this one: without a common order they would deadlock.
      await gate.transaction(async (sql) => {
        await sql.query('SELECT 1 FROM payments WHERE order_id = $1 FOR UPDATE', [ids[25]]);
        both = Promise.allSettled([reserve(instances[0], ids), reserve(instances[1], ids.toReversed())]);
        await eventually(async () => ended > 0 || (await waiting()) === 2);
      });
      for (const result of (await both)!) {
        if (result.status === 'rejected') throw result.reason;
        expect(new Set(result.value.map(({ status }) => status))).toEqual(new Set(['charging']));
      }
    }
  });

  it('refuses an order id that is no UUID', async () => {
    await expect(handle(instances[0], [placed('not-a-uuid')])).rejects.toMatchObject({ code: '22P02' });
  });
});

const get = (orderId: string) => edge.request('GET', `/payments/${orderId}`);

describe('GET /payments/{orderId}', () => {
  it('shows what was captured and refunded', async () => {
    const orderId = randomUUID();
    const insert = `
      INSERT INTO payments (order_id, status, sequence, amount_minor, currency, charge_id, refund_id, updated_at)
      VALUES ($1, 'refunded', 2, 1900, 'EUR', 'ch_1', 're_1', '2026-11-01T12:00:00Z')`;
    await instances[0].transaction((sql) => sql.query(insert, [orderId]));
    expect(await get(orderId.toUpperCase())).toEqual({
      status: 200,
      headers: expect.anything(),
      body: {
        orderId,
        status: 'refunded',
        amountMinor: 1900,
        currency: 'EUR',
        capturedMinor: 1900,
        refundedMinor: 1900,
        chargeId: 'ch_1',
        refundId: 're_1',
        updatedAt: '2026-11-01T12:00:00.000Z',
      },
    });
  });

  it('answers 404 for an order that was never placed', async () => {
    expect(await get(randomUUID())).toMatchObject({ status: 404, body: { type: 'urn:orderflow:problem:not-found' } });
  });

  it('refuses an invalid order id', async () => {
    expect(await get('42')).toMatchObject({ status: 400, body: { errors: [{ field: 'orderId' }] } });
  });

  it('throws a transient error when the database is unreachable', async () => {
    const nowhere = new PrismaPaymentReader('postgres://nobody:none@127.0.0.1:1/none');
    await expect(nowhere.find(randomUUID())).rejects.toMatchObject({ transient: true });
  });
});
