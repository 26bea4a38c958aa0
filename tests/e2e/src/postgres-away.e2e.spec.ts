import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  freeInfrastructurePorts,
  freezePostgres,
  type Infrastructure,
  type InfrastructurePorts,
  type Part,
  removeInfrastructure,
  startInfrastructure,
  startPostgres,
} from '@orderflow/local';
import { eventually } from './support/eventually.js';
import { fresh } from './support/shop.js';
import { sharedInfrastructure, World } from './support/world.js';

const BOUND_MS = 15_000;

let dir: string;
let ports: InfrastructurePorts;
let infrastructure: Infrastructure;
/** The server that runs now: after a crash it is another process. */
let postgres: Pick<Part, 'pid' | 'stop'>;
let world: World;
const ended: string[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'orderflow-e2e-postgres-'));
  await chmod(dir, 0o755);
  ports = await freeInfrastructurePorts();
  const { kafkaBrokers, schemaRegistryUrl } = sharedInfrastructure();
  // A PostgreSQL of this file's own: nobody else is hurt.
  infrastructure = await startInfrastructure({ dir, ports, reuse: { kafkaBrokers, schemaRegistryUrl } });
  postgres = { pid: infrastructure.pids.postgres!, stop: async () => infrastructure.stop() };
  world = await World.open({ infrastructure, onExit: (service, how) => ended.push(`${service}: ${how}`) });
});
afterAll(async () => {
  await world?.close();
  await postgres?.stop();
  await removeInfrastructure(dir);
});

describe('while PostgreSQL hangs', () => {
  it('requests are answered 503 within a bound, and afterwards everything goes on', async () => {
    const { shop } = world;
    const customerId = fresh('customer');
    const sku = await shop.sells({ units: 100 });
    const request = { customerId, lines: [{ sku, quantity: 1 }] };
    const before = await Promise.all(Array.from({ length: 5 }, async () => shop.place(request)));
    const keys = Array.from({ length: 5 }, () => ({ 'idempotency-key': randomUUID() }));

    const frozen = await freezePostgres(infrastructure.databaseUrl, postgres.pid);
    try {
      const since = Date.now();
      const timed = async (answer: Promise<{ status: number; type: string }>) => ({
        ...(await answer),
        ms: Date.now() - since,
      });
      const answers = await Promise.all([
        ...keys.map(async (key) => timed(shop.tryToPlace(request, key))),
        timed(shop.cancel(before[0]!)),
      ]);
      for (const { status, type, ms } of answers) {
        expect({ status, type }).toEqual({ status: 503, type: expect.stringContaining('application/problem+json') });
        expect(ms).toBeLessThan(BOUND_MS);
      }
    } finally {
      frozen.thaw();
    }

    // What became of those is unknown; whoever asks again with the same key gets one order.
    const after = await Promise.all(keys.map(async (key) => eventually(async () => shop.place(request, key))));
    const orders = await shop.allSettled(customerId, before.length + after.length);
    expect(new Set(orders.map(({ orderId }) => orderId))).toEqual(new Set([...before, ...after]));
    expect(ended).toEqual([]);
  }, 120_000);
});

describe('when PostgreSQL is killed in the middle of a burst and started again', () => {
  it('nothing that was accepted is lost, nothing happens twice, and no service ends', async () => {
    const { shop } = world;
    const customerId = fresh('customer');
    const sku = await shop.sells({ units: 40 });
    const burst = Array.from({ length: 40 }, async () => shop.insist({ customerId, lines: [{ sku, quantity: 1 }] }));
    await Promise.any(burst);
    process.kill(postgres.pid, 'SIGKILL');
    await infrastructure.died;
    postgres = await eventually(async () =>
      startPostgres({ dataDir: join(dir, 'postgres'), port: ports.postgres, log: join(dir, 'logs', 'postgres.log') }),
    );

    const ids = await Promise.all(burst);
    const orders = await shop.allSettled(customerId, 40);
    expect(new Set(orders.map(({ orderId }) => orderId))).toEqual(new Set(ids));
    expect(orders.map(({ status }) => status)).toEqual(ids.map(() => 'confirmed'));
    expect(await shop.product(sku)).toMatchObject({ onHand: 0, reserved: 0, committed: 40 });
    expect(ended).toEqual([]);
  }, 120_000);
});

it('leaves books that add up', async () => {
  expect(await world.audit()).toEqual({ violations: [], parked: [] });
});
