import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@orderflow/client';
import {
  freeInfrastructurePorts,
  type InfrastructurePorts,
  type Postgres,
  removeInfrastructure,
  startPostgres,
} from '@orderflow/local';
import { LimitedDisk } from './support/limited-disk.js';
import { fresh } from './support/test-client.js';
import { auditPasses, sharedInfrastructure, TestSystem } from './support/test-system.js';

// PostgreSQL with the five databases takes about 150 MiB of it.
const DISK_MIB = 320;

const dir = mkdtempSync(join(tmpdir(), 'orderflow-e2e-disk-'));
chmodSync(dir, 0o755);
const dataDir = join(dir, 'postgres');
const disk = LimitedDisk.mount(dataDir, DISK_MIB);

afterAll(async () => {
  disk?.unmount();
  await removeInfrastructure(dir);
});

if (disk === undefined) it('a full disk needs root to be checked', () => expect(disk).toBeUndefined());
else
  describe('while the disk of PostgreSQL is full', () => {
    spec(disk);
  });

function spec(limited: LimitedDisk): void {
  let ports: InfrastructurePorts;
  let postgres: Postgres;
  const ended: string[] = [];
  const start = async () => startPostgres({ dataDir, port: ports.postgres, log: join(dir, 'postgres.log') });
  const system = new TestSystem({
    infrastructure: async () => {
      ports = await freeInfrastructurePorts();
      postgres = await start();
      return { ...sharedInfrastructure(), databaseUrl: postgres.url };
    },
    env: { orders: { ORDER_DEADLINE_SECONDS: '120' } },
    onExit: (service, how) => ended.push(`${service}: ${how}`),
  });
  afterEach(() => limited.free());
  afterAll(async () => postgres?.stop());

  /** Places orders until one is refused. @returns the keys of all, each with its status */
  async function placeUntilRefused(request: { customerId: string; lines: { sku: string; quantity: number }[] }) {
    const answers = new Map<string, number>();
    await eventually(
      async () => {
        const key = randomUUID();
        const { status } = await system.client.tryToPlace(request, { 'idempotency-key': key });
        answers.set(key, status);
        return status !== 202;
      },
      60_000,
      1,
    );
    return answers;
  }

  it('orders are refused with 503, the log has the reason, and each is confirmed once when there is space again', async () => {
    const { client } = system;
    await client.settledOrder();
    const customerId = fresh('customer');
    const sku = await client.newProduct({ units: 5_000 });
    const request = { customerId, lines: [{ sku, quantity: 1 }] };
    limited.fill();
    const answers = await placeUntilRefused(request);
    expect(new Set(answers.values())).toEqual(new Set([202, 503]));
    await eventually(async () => expect((await system.logOf('orders')).join()).toContain('No space left on device'));
    await eventually(async () => {
      // A checkpoint may have given space back.
      limited.fill();
      expect(await client.health('orders', 'ready')).toBe(false);
    });
    expect(await client.health('orders', 'live')).toBe(true);
    limited.free();
    for (const key of answers.keys()) await eventually(async () => client.place(request, { 'idempotency-key': key }));
    await eventually(async () => expect(await client.health('orders', 'ready')).toBe(true));
    const orders = await client.allSettled(customerId, answers.size);
    expect(new Set(orders.map(({ status }) => status))).toEqual(new Set(['confirmed']));
    expect(ended).toEqual([]);
  }, 300_000);

  it('PostgreSQL ends when it cannot write its log, and goes on with every order when it is started with space', async () => {
    const { client } = system;
    const customerId = fresh('customer');
    const sku = await client.newProduct({ units: 5_000 });
    const request = { customerId, lines: [{ sku, quantity: 1 }] };
    const before = await client.placeSeveral(3, request);
    limited.fill();
    // The next write begins a new segment of the log.
    await system.rowsOf('orders', 'SELECT pg_switch_wal()');
    const answers = await placeUntilRefused(request);
    expect(await postgres.died).toContain('PostgreSQL ended unexpectedly');
    limited.free();
    postgres = await eventually(start);
    for (const key of answers.keys()) await eventually(async () => client.place(request, { 'idempotency-key': key }));
    const orders = await client.allSettled(customerId, before.length + answers.size);
    expect(new Set(orders.map(({ status }) => status))).toEqual(new Set(['confirmed']));
    expect(ended).toEqual([]);
  }, 300_000);

  auditPasses(system);
}
