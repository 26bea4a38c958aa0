import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, request } from '@orderflow/client';
import type { Event } from '@orderflow/contracts';
import { killWhen, outcomeOf, stopProcess } from '@orderflow/local';
import { foldOf, isSettled, type Viewed } from '@orderflow/order-view';
import { LoneOrders } from './support/lone-orders.js';
import { Publisher, STORY } from './support/publisher.js';
import { RebuiltTable } from './support/rebuilt-table.js';
import { Traffic } from './support/traffic.js';

const FIRST = 40;
const PATIENCE_MS = 240_000;

const orders = new LoneOrders();
const views = new RebuiltTable('order_views', () => orders.env['DATABASE_URL']!);

/** The rows that the read model must have. */
function expectedRows() {
  const row = ([orderId, events]: [string, Event[]]) => {
    const view = foldOf(events as Viewed[]);
    const { status = null, stock, payment, updatedAt, sequences } = view;
    return { orderId, status, stock, payment, settled: isSettled(view), version: sequences.orders, updatedAt };
  };
  return [...publisher.told].map(row).toSorted((a, b) => (a.orderId < b.orderId ? -1 : 1));
}

/** The version of each order that was read last. */
const versions = new Map<string, number>();

const read = async (path: string) => {
  const { status, body } = await request<{ version: number }>(`http://127.0.0.1:${orders.env.PORT}${path}`);
  if (status !== 200) throw new Error(`${path} answers ${status}`);
  return body;
};

async function readOne(): Promise<void> {
  // Only the tests read the planted rows.
  const [orderId] = [...versions.keys(), ...readable].toSorted(() => Math.random() - 0.5) as [string];
  const { version } = await read(`/orders/${orderId}`);
  const before = versions.get(orderId) ?? 0;
  if (version < before) throw new Error(`${orderId} goes back from ${before} to ${version}`);
  versions.set(orderId, version);
}

async function readList(): Promise<void> {
  await read('/orders?limit=20');
}

/** The first event of each order: orders reads from there what it was placed with. */
const storePlaced = (events: readonly Event[]) =>
  views.query(
    `INSERT INTO order_events (order_id, version, id, type, data, time, correlation_id, causation_id, traceparent)
     SELECT subject, sequence, id, type, data, time, '', '', ''
     FROM jsonb_to_recordset($1::jsonb)
          AS e (subject uuid, sequence integer, id uuid, type text, data jsonb, time timestamptz)
     WHERE type = 'OrderPlaced'`,
    [JSON.stringify(events)],
  );

const publisher = new Publisher(orders.shared, () => orders.env['TOPIC_PREFIX']!, storePlaced);
const traffic = new Traffic(publisher, [readOne, readList]);
let service: ChildProcess;
let wrong: string;
let missing: string;
let readable: string[] = [];

const rows = () =>
  views.query(
    `SELECT order_id AS "orderId", status, stock, payment, settled, version, updated_at AS "updatedAt" FROM order_views
     ORDER BY order_id`,
  );
const statusOf = async (orderId: string) =>
  (await views.query<{ status: string }>('SELECT status FROM order_views WHERE order_id = $1', [orderId]))[0]?.status;

const rebuild = (...args: string[]) => orders.spawn({ LOG_LEVEL: 'error' }, 'rebuild', 'order-views', ...args);

const ran = (...args: string[]) => outcomeOf(rebuild(...args));

/** A run that is ended by SIGKILL as soon as `when` holds. */
const killed = (when: (progress: string) => boolean) => killWhen(rebuild('--yes'), when, PATIENCE_MS);

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
  await eventually(async () => isDeepStrictEqual(await rows(), expectedRows()), PATIENCE_MS);
  [wrong, missing, ...readable] = first as [string, string, ...string[]];
  await views.query(`UPDATE order_views SET status = 'cancelled' WHERE order_id = $1`, [wrong]);
  await views.query('DELETE FROM order_views WHERE order_id = $1', [missing]);
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
      const { code, output, errors: progress } = await ran();
      expect({ code, progress }).toEqual({ code: 0, progress: expect.stringMatching(/fill: .*compare: /s) });
      expect(output).toContain('Live rows with another content: 1. Live rows that lack a consumed event: 1.');
      expect(output).toContain(`  ${wrong}: status cancelled, rebuilt confirmed`);
      expect(output).toContain(`  ${missing}: no row, rebuilt`);
      expect(output).toContain('Nothing was switched');
      expect([await statusOf(wrong), await statusOf(missing), await views.schemas()]).toEqual([
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
      await views.killInSwitch(() => rebuild('--yes'), PATIENCE_MS);
      expect([await statusOf(wrong), await views.schemas()]).toEqual(['cancelled', ['public', 'rebuild']]);
      const { code, output } = await ran('--yes');
      expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('Switched.') });
      expect(output).toContain(`  ${wrong}: status cancelled, rebuilt confirmed`);
      expect([await statusOf(wrong), await statusOf(missing), await views.schemas()]).toEqual([
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
      expect([await statusOf(wrong), await views.schemas()]).toEqual(['cancelled', ['public', 'rebuild']]);
      await traffic.stop();
      const isPlanted = ({ orderId }: { orderId?: string }) => orderId === wrong;
      const others = expectedRows().filter((row) => !isPlanted(row));
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
