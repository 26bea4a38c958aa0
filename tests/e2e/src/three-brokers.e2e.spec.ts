import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, type Order } from '@orderflow/client';
import { freePortsFor, type Kafka, KafkaCluster } from '@orderflow/local';
import { brokersIn, isInSync } from '../../../libs/kafka/test/replicas.js';
import { fresh } from './support/test-client.js';
import { auditPasses, sharedInfrastructure, TestSystem } from './support/test-system.js';

const IN_SYNC_MS = 90_000;
const NODES = [1, 2, 3] as const;
const PACE_MS = 200;

const dir = mkdtempSync(join(tmpdir(), 'orderflow-e2e-brokers-'));
let cluster: KafkaCluster;
const running = new Map<number, Kafka>();
let starts = 0;

const start = async (node: number) => {
  running.set(node, await cluster.start(node, join(dir, `kafka-${node}.${++starts}.log`)));
};

async function kill(node: number): Promise<void> {
  const { pid, died } = running.get(node)!;
  process.kill(pid, 'SIGKILL');
  running.delete(node);
  await died;
}

const whenInSync = async () => eventually(async () => isInSync(cluster.brokers), IN_SYNC_MS);

async function startCluster(): Promise<void> {
  const ports = await freePortsFor(['broker1', 'broker2', 'broker3', 'controller1', 'controller2', 'controller3']);
  cluster = new KafkaCluster(
    dir,
    NODES.map((node) => ({ port: ports[`broker${node}`], controllerPort: ports[`controller${node}`] })),
  );
  await Promise.all(NODES.map(start));
  await eventually(async () => (await brokersIn(cluster.brokers)) === NODES.length, IN_SYNC_MS);
}

describe('with three brokers', () => {
  const ended: string[] = [];
  beforeAll(startCluster, 180_000);
  const system = new TestSystem({
    infrastructure: async () => Promise.resolve({ ...sharedInfrastructure(), kafkaBrokers: cluster.brokers.join(',') }),
    env: { orders: { ORDER_DEADLINE_SECONDS: '120' } },
    onExit: (service, how) => ended.push(`${service}: ${how}`),
  });
  afterAll(async () => {
    await Promise.all([...running.values()].map(async (it) => it.stop()));
    await rm(dir, { recursive: true, force: true });
  });

  /** Places orders one after another while `act` runs, and a few after it. @returns them, settled */
  async function ordersDuring(act: () => Promise<unknown>): Promise<Order[]> {
    const { client } = system;
    const customerId = fresh('customer');
    const sku = await client.newProduct({ units: 1_000 });
    const place = async () => client.place({ customerId, lines: [{ sku, quantity: 1 }] });
    let placed = 0;
    let isOver = false;
    const acting = act().finally(() => (isOver = true));
    for (let after = 0; after < 5; placed++) {
      await place();
      await sleep(PACE_MS);
      if (isOver) after++;
    }
    await acting;
    return client.allSettled(customerId, placed);
  }

  const outcomesOf = (orders: readonly Order[]) => [...new Set(orders.map((it) => it.cancelReason ?? it.status))];

  it.each(NODES)(
    'the loss of broker %d times no order out',
    async (node) => {
      const orders = await ordersDuring(async () => kill(node));
      expect(outcomesOf(orders)).toEqual(['confirmed']);
      await start(node);
      await whenInSync();
    },
    300_000,
  );

  it('a broker that has lost its disk gets its copies back, and no event is missing', async () => {
    const orders = await ordersDuring(async () => {
      await kill(2);
      await cluster.loseDisk(2);
      await start(2);
    });
    await whenInSync();
    expect(outcomesOf(orders)).toEqual(['confirmed']);
  }, 300_000);

  it('while two brokers are away, orders are accepted and their events kept; all settle when one of them is back', async () => {
    const { client } = system;
    const customerId = fresh('customer');
    const sku = await client.newProduct({ units: 10 });
    await Promise.all([kill(1), kill(3)]);
    const placed = await client.placeSeveral(5, { customerId, lines: [{ sku, quantity: 1 }] });
    expect((await client.outbox('orders')).pending).toBeGreaterThanOrEqual(placed.length);
    await Promise.all([start(1), start(3)]);
    const orders = await client.allSettled(customerId, placed.length);
    // Their deadline may have passed meanwhile: then they are cancelled, and charged to no one.
    expect(outcomesOf(orders).filter((it) => it !== 'timed_out')).toEqual(['confirmed']);
    expect(ended).toEqual([]);
  }, 300_000);

  auditPasses(system);
});
