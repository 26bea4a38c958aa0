import { afterAll, describe, expect, it } from '@jest/globals';
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
import { eventually } from '@orderflow/client';
import { fresh } from './support/test-client.js';
import { auditPasses, sharedInfrastructure, TestSystem } from './support/test-system.js';

const BOUND_MS = 30_000;

let dir: string;
let ports: InfrastructurePorts;
let infrastructure: Infrastructure;
/** The running server: another process after a crash. */
let postgres: Pick<Part, 'pid' | 'stop'>;
const ended: string[] = [];

/** A PostgreSQL of its own: other tests keep theirs. */
async function ownPostgres(): Promise<Infrastructure> {
  dir = await mkdtemp(join(tmpdir(), 'orderflow-e2e-postgres-'));
  await chmod(dir, 0o755);
  ports = await freeInfrastructurePorts();
  const { kafkaBrokers, schemaRegistryUrl } = sharedInfrastructure();
  infrastructure = await startInfrastructure({ dir, ports, reuse: { kafkaBrokers, schemaRegistryUrl } });
  postgres = { pid: infrastructure.pids.postgres!, stop: async () => infrastructure.stop() };
  return infrastructure;
}

const system = new TestSystem({
  mayCopyMails: true,
  infrastructure: ownPostgres,
  onExit: (service, how) => ended.push(`${service}: ${how}`),
});
afterAll(async () => {
  await postgres?.stop();
  await removeInfrastructure(dir);
});

describe('while PostgreSQL hangs', () => {
  it('requests get 503 within a bound, and one order each when they are repeated afterwards', async () => {
    const { client } = system;
    const customerId = fresh('customer');
    const sku = await client.newProduct({ units: 100 });
    const request = { customerId, lines: [{ sku, quantity: 1 }] };
    const before = await client.placeSeveral(5, request);
    const keys = Array.from({ length: 5 }, () => ({ 'idempotency-key': randomUUID() }));

    const frozen = await freezePostgres(infrastructure.databaseUrl, postgres.pid);
    try {
      const since = Date.now();
      const timed = async (answer: Promise<{ status: number; type: string }>) => ({
        ...(await answer),
        ms: Date.now() - since,
      });
      const answers = await Promise.all([
        ...keys.map(async (key) => timed(client.tryToPlace(request, key))),
        timed(client.cancel(before[0]!)),
      ]);
      for (const { status, type, ms } of answers) {
        expect({ status, type }).toEqual({ status: 503, type: expect.stringContaining('application/problem+json') });
        expect(ms).toBeLessThan(BOUND_MS);
      }
    } finally {
      frozen.thaw();
    }

    // Their outcome is unknown; a request that is repeated with its key makes one order.
    const after = await Promise.all(keys.map(async (key) => eventually(async () => client.place(request, key))));
    const orders = await client.allSettled(customerId, before.length + after.length);
    expect(new Set(orders.map(({ orderId }) => orderId))).toEqual(new Set([...before, ...after]));
    expect(ended).toEqual([]);
  }, 300_000);
});

describe('when PostgreSQL is killed in the middle of a burst and started again', () => {
  it('every accepted order is confirmed once, and no service ends', async () => {
    const { client } = system;
    const customerId = fresh('customer');
    const sku = await client.newProduct({ units: 40 });
    const burst = Array.from({ length: 40 }, async () =>
      client.placeUntilAccepted({ customerId, lines: [{ sku, quantity: 1 }] }),
    );
    await Promise.any(burst);
    process.kill(postgres.pid, 'SIGKILL');
    await infrastructure.died;
    postgres = await eventually(async () =>
      startPostgres({ dataDir: join(dir, 'postgres'), port: ports.postgres, log: join(dir, 'logs', 'postgres.log') }),
    );

    const ids = await Promise.all(burst);
    const orders = await client.allSettled(customerId, 40);
    expect(new Set(orders.map(({ orderId }) => orderId))).toEqual(new Set(ids));
    expect(orders.map(({ status }) => status)).toEqual(ids.map(() => 'confirmed'));
    expect(await client.product(sku)).toMatchObject({ onHand: 0, reserved: 0, committed: 40 });
    expect(ended).toEqual([]);
  }, 300_000);
});

auditPasses(system);
