import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, request } from '@orderflow/client';
import { type Event, type Service, services, topicOf } from '@orderflow/contracts';
import { EventCodec, KafkajsBroker, SchemaRegistry } from '@orderflow/kafka';
import { connected, stopProcess } from '@orderflow/local';
import { foldOf, isSettled, type Viewed, type ViewedType } from '@orderflow/order-view';
import { anEvent } from '@orderflow/testing';
import { LoneOrders } from './support/lone-orders.js';

const FIRST = 40;
const PATIENCE_MS = 240_000;

const orders = new LoneOrders();

/** Events of an order that the views consume and orders itself does not. */
const STORY: readonly ViewedType[] = [
  'OrderPlaced',
  'StockReserved',
  'PaymentVoided',
  'OrderConfirmed',
  'StockCommitted',
  'PaymentRefunded',
  'NotificationSent',
];

/** Publishes what the services would, and knows the view that each order has then. */
class Publisher {
  readonly told = new Map<string, Event[]>();
  private readonly codecs = new Map<Service, EventCodec>();
  private broker!: KafkajsBroker;

  async open(): Promise<void> {
    this.broker = new KafkajsBroker({ brokers: orders.shared.kafkaBrokers.split(','), clientId: 'e2e' });
    const registry = new SchemaRegistry(orders.shared.schemaRegistryUrl);
    for (const service of services)
      this.codecs.set(service, await EventCodec.start({ registry, service, autoRegister: true }));
  }

  async close(): Promise<void> {
    await this.broker.disconnect();
  }

  /** The next event of each of these orders. */
  async tellNext(orderIds: readonly string[]): Promise<void> {
    const events = orderIds.flatMap((subject) => {
      const told = this.told.get(subject) ?? [];
      const type = STORY[told.length];
      if (type === undefined) return [];
      const { source } = anEvent(type);
      const sequence = told.filter((event) => event.source === source).length + 1;
      const event = anEvent(type, { subject, sequence, time: new Date().toISOString() }) as Event;
      this.told.set(subject, [...told, event]);
      return [event];
    });
    const prefix = orders.env['TOPIC_PREFIX']!;
    await this.broker.publish(
      events.map((event) => ({
        topic: prefix + topicOf(event.type),
        key: event.subject,
        value: this.codecs.get(event.source)!.encode(event),
        headers: { ce_id: event.id, ce_type: event.type },
      })),
    );
  }

  /** The rows that the read model must have. */
  rows() {
    const row = ([orderId, events]: [string, Event[]]) => {
      const view = foldOf(events as Viewed[]);
      const { status = null, stock, payment, updatedAt, sequences } = view;
      return { orderId, status, stock, payment, settled: isSettled(view), version: sequences.orders, updatedAt };
    };
    return [...this.told].map(row).toSorted((a, b) => (a.orderId < b.orderId ? -1 : 1));
  }
}

/** Orders that are told and read all the time, with every read that failed or went back. */
class Traffic {
  readonly faults: string[] = [];
  reads = 0;
  private readonly versions = new Map<string, number>();
  private isOver = false;
  private running: Promise<unknown> = Promise.resolve();

  start(): void {
    this.running = Promise.all([this.tell(), this.read()]);
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.running;
  }

  private async tell(): Promise<void> {
    while (!this.isOver) {
      const unfinished = [...publisher.told].filter(([, events]) => events.length < STORY.length).map(([id]) => id);
      await publisher.tellNext([...unfinished, randomUUID(), randomUUID()]);
      await sleep(50);
    }
  }

  private async read(): Promise<void> {
    while (!this.isOver) {
      // Only the tests read the planted rows.
      const [orderId] = [...this.versions.keys(), ...readable].toSorted(() => Math.random() - 0.5);
      await this.readOne(`/orders/${orderId!}`, orderId!);
      await this.readOne('/orders?limit=20');
    }
  }

  private async readOne(path: string, orderId?: string): Promise<void> {
    this.reads++;
    try {
      const { status, body } = await request<{ version: number }>(`http://127.0.0.1:${orders.env.PORT}${path}`);
      if (status !== 200) throw new Error(`${path} answers ${status}`);
      if (orderId === undefined) return;
      const before = this.versions.get(orderId) ?? 0;
      if (body.version < before) throw new Error(`${path} goes back from ${before} to ${body.version}`);
      this.versions.set(orderId, body.version);
    } catch (error) {
      this.faults.push(String(error));
    }
  }
}

const publisher = new Publisher();
const traffic = new Traffic();
let service: ChildProcess;
let wrong: string;
let missing: string;
let readable: string[] = [];

const query = async <Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> =>
  connected(orders.env['DATABASE_URL']!, async (client) => (await client.query<Row>(sql, values)).rows, 60_000);

const rows = () =>
  query(
    `SELECT order_id AS "orderId", status, stock, payment, settled, version, updated_at AS "updatedAt" FROM order_views
     ORDER BY order_id`,
  );
const statusOf = async (orderId: string) =>
  (await query<{ status: string }>('SELECT status FROM order_views WHERE order_id = $1', [orderId]))[0]?.status;
const tables = async () =>
  (
    await query<{ name: string }>(`SELECT schemaname AS name FROM pg_tables WHERE tablename = 'order_views' ORDER BY 1`)
  ).map(({ name }) => name);

const rebuild = (...args: string[]) => orders.spawn({ LOG_LEVEL: 'error' }, 'rebuild', 'order-views', ...args);

/** A run to its end. */
async function ran(...args: string[]) {
  const run = rebuild(...args);
  const [output, progress, [code]] = await Promise.all([
    text(run.stdout!),
    text(run.stderr!),
    once(run, 'exit') as Promise<[number | null]>,
  ]);
  return { code, output, progress };
}

/** A run that is ended by SIGKILL as soon as `when` holds. */
async function killed(when: (progress: string) => boolean | Promise<boolean>): Promise<void> {
  const run = rebuild('--yes');
  const ended = once(run, 'exit');
  let progress = '';
  run.stderr!.on('data', (bytes: Buffer) => (progress += bytes.toString()));
  try {
    await eventually(async () => when(progress), PATIENCE_MS, 5);
    expect({ progress, exitCode: run.exitCode }).toMatchObject({ exitCode: null });
  } finally {
    run.kill('SIGKILL');
    await ended;
  }
}

/** Another session holds the live table, so that everything in the transaction of the switch is done but the renaming. */
async function killedInSwitch(): Promise<void> {
  await connected(orders.env['DATABASE_URL']!, async (reader) => {
    await reader.query('BEGIN');
    await reader.query('LOCK TABLE order_views IN ACCESS SHARE MODE');
    await killed(async () => {
      const waiting = await query(
        `SELECT 1 FROM pg_locks
         WHERE relation = 'order_views'::regclass AND mode = 'AccessExclusiveLock' AND NOT granted`,
      );
      return waiting.length > 0;
    });
  });
}

beforeAll(async () => {
  await publisher.open();
  service = orders.spawn({ LOG_LEVEL: 'error' });
  const isReady = async () => {
    const { status } = await request(`http://127.0.0.1:${orders.env.PORT}/health/ready`);
    return status === 200;
  };
  await eventually(isReady, PATIENCE_MS);
  const first = Array.from({ length: FIRST }, () => randomUUID());
  for (const _type of STORY) await publisher.tellNext(first);
  await eventually(async () => isDeepStrictEqual(await rows(), publisher.rows()), PATIENCE_MS);
  [wrong, missing, ...readable] = first as [string, string, ...string[]];
  await query(`UPDATE order_views SET status = 'cancelled' WHERE order_id = $1`, [wrong]);
  await query('DELETE FROM order_views WHERE order_id = $1', [missing]);
  traffic.start();
}, 2 * PATIENCE_MS);

afterAll(async () => {
  await traffic.stop();
  await publisher.close();
  await stopProcess(service);
}, PATIENCE_MS);

const EACH_MS = 5 * PATIENCE_MS;

describe('order views that are rebuilt while events arrive and orders are read', () => {
  it(
    'are compared with the live ones, also after a kill: a wrong row and a missing one are named and stay as they are',
    async () => {
      await killed((progress) => progress.includes('fill: '));
      const { code, output, progress } = await ran();
      expect({ code, progress }).toEqual({ code: 0, progress: expect.stringMatching(/fill: .*compare: /s) });
      expect(output).toContain('Live rows with another content: 1. Live rows that lack a consumed event: 1.');
      expect(output).toContain(`  ${wrong}: status cancelled, rebuilt confirmed`);
      expect(output).toContain(`  ${missing}: no row, rebuilt`);
      expect(output).toContain('Nothing was switched');
      expect([await statusOf(wrong), await statusOf(missing), await tables()]).toEqual([
        'cancelled',
        undefined,
        ['public', 'rebuild'],
      ]);
    },
    EACH_MS,
  );

  it(
    'are mended by the switch, also after a run that is killed while it compares and one that is killed in the switch',
    async () => {
      await killed((progress) => progress.includes('compare: '));
      await killedInSwitch();
      expect([await statusOf(wrong), await tables()]).toEqual(['cancelled', ['public', 'rebuild']]);
      const { code, output } = await ran('--yes');
      expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('Switched.') });
      expect(output).toContain(`  ${wrong}: status cancelled, rebuilt confirmed`);
      expect([await statusOf(wrong), await statusOf(missing), await tables()]).toEqual([
        'confirmed',
        'confirmed',
        ['public', 'replaced'],
      ]);
    },
    EACH_MS,
  );

  it(
    'lose no event at a switch and at its undo, and no read of them fails or goes back',
    async () => {
      const { code, output } = await ran('--undo', '--yes');
      expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('Switched.') });
      expect([await statusOf(wrong), await tables()]).toEqual(['cancelled', ['public', 'rebuild']]);
      await traffic.stop();
      const isPlanted = ({ orderId }: { orderId?: string }) => orderId === wrong;
      const others = publisher.rows().filter((row) => !isPlanted(row));
      await eventually(
        async () => expect((await rows()).filter((row) => !isPlanted(row))).toEqual(others),
        PATIENCE_MS,
      );
      expect(traffic.reads).toBeGreaterThan(20);
      expect(traffic.faults).toEqual([]);
    },
    EACH_MS,
  );
});
