import { afterAll, describe, expect, it } from '@jest/globals';
import { chmodSync, mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@orderflow/client';
import { freeInfrastructurePorts, type InfrastructurePorts, type Part, startKafka } from '@orderflow/local';
import { LimitedDisk } from './support/limited-disk.js';
import { fresh } from './support/test-client.js';
import { auditPasses, sharedInfrastructure, TestSystem } from './support/test-system.js';

// Kafka's indexes have their full size from the beginning, and take no space before they are written.
const DISK_MIB = 256;

const dir = mkdtempSync(join(tmpdir(), 'orderflow-e2e-disk-'));
chmodSync(dir, 0o755);
const dataDir = join(dir, 'kafka');
const log = join(dir, 'kafka.log');
const disk = LimitedDisk.mount(dataDir, DISK_MIB);

afterAll(async () => {
  disk?.unmount();
  await rm(dir, { recursive: true, force: true });
});

if (disk === undefined) it('a full disk needs root to be checked', () => expect(disk).toBeUndefined());
else
  describe('while the disk of the broker is full', () => {
    spec(disk);
  });

function spec(limited: LimitedDisk): void {
  let ports: InfrastructurePorts;
  let kafka: Part;
  const ended: string[] = [];
  const start = async () => {
    const { kafka: port, kafkaController: controllerPort } = ports;
    return startKafka({ dataDir, port, controllerPort, log });
  };
  const system = new TestSystem({
    infrastructure: async () => {
      ports = await freeInfrastructurePorts();
      kafka = await start();
      return { ...sharedInfrastructure(), kafkaBrokers: `127.0.0.1:${ports.kafka}` };
    },
    env: { orders: { ORDER_DEADLINE_SECONDS: '120' } },
    onExit: (service, how) => ended.push(`${service}: ${how}`),
  });
  afterAll(async () => kafka?.stop());

  it('the broker ends, services are not ready and keep the events, and every order is confirmed when it has space again', async () => {
    const { client } = system;
    await client.settledOrder();
    const customerId = fresh('customer');
    const sku = await client.newProduct({ units: 2_000 });
    const place = async (count: number) => client.placeSeveral(count, { customerId, lines: [{ sku, quantity: 1 }] });
    limited.fill();
    let [placed, isOver] = [0, false];
    void kafka.died.then(() => (isOver = true));
    await eventually(
      async () => {
        placed += (await place(2)).length;
        return isOver;
      },
      60_000,
      200,
    );
    expect(readFileSync(log, 'utf8')).toContain('No space left on device');
    await eventually(async () => expect(await client.health('orders', 'ready')).toBe(false));
    placed += (await place(5)).length;
    expect((await client.outbox('orders')).pending).toBeGreaterThanOrEqual(5);
    expect(await client.health('orders', 'live')).toBe(true);
    limited.free();
    kafka = await eventually(start, 60_000);
    const orders = await client.allSettled(customerId, placed);
    expect(orders.map(({ status }) => status)).toEqual(orders.map(() => 'confirmed'));
    expect(orders).toHaveLength(placed);
    expect(ended).toEqual([]);
  }, 300_000);

  auditPasses(system);
}
