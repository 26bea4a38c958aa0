import { afterAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { eventSchemas, services } from '@orderflow/contracts';
import { Proxy } from '../../../libs/local/test/proxy.ts';
import { fresh, TestClient } from './support/test-client.js';
import { auditPasses, sharedInfrastructure, TestSystem } from './support/test-system.js';

const direct = sharedInfrastructure();
const ended: string[] = [];
let registry: Proxy;

async function behindProxy() {
  const url = new URL(direct.schemaRegistryUrl);
  registry = await Proxy.start(0, Number(url.port), url.hostname);
  url.port = String(registry.port);
  url.hostname = '127.0.0.1';
  return { ...direct, schemaRegistryUrl: url.href };
}

const system = new TestSystem({
  infrastructure: behindProxy,
  env: { orders: { ORDER_DEADLINE_SECONDS: '120' } },
  onExit: (service, how) => ended.push(`${service}: ${how}`),
});
afterAll(async () => registry?.stop());

/** Every connection to the registry is refused meanwhile. */
async function whileAway<T>(work: () => Promise<T>): Promise<T> {
  const mend = registry.begin('reset');
  try {
    return await work();
  } finally {
    mend();
  }
}

const OLDER = {
  NODE_OPTIONS: `--import ${new URL('../../../libs/kafka/test/older-contracts.ts', import.meta.url).href}`,
  TEST_OLDER_CONTRACTS: 'true',
};

describe('while the schema registry is away', () => {
  it('orders are confirmed by the schemas that the services know', async () => {
    const { client } = system;
    await client.settledOrder();
    const sku = await client.newProduct({ units: 10 });
    await whileAway(async () => {
      const ids = await client.placeSeveral(10, { lines: [{ sku, quantity: 1 }] });
      for (const orderId of ids) expect(await client.settled(orderId)).toMatchObject({ status: 'confirmed' });
    });
  });

  it('a service starts by what the registry has answered before, and confirms orders', async () => {
    const { client } = system;
    await client.settledOrder();
    const sku = await client.newProduct({ units: 5 });
    await system.kill('payments');
    await whileAway(async () => {
      await system.start('payments');
      expect((await system.logOf('payments')).join()).toContain('the schema registry is away');
      const ids = await client.placeSeveral(5, { lines: [{ sku, quantity: 1 }] });
      for (const orderId of ids) expect(await client.settled(orderId)).toMatchObject({ status: 'confirmed' });
    });
  }, 300_000);

  it('parks no event with an unknown schema, and processes it once the registry is back', async () => {
    const { client, eventTap } = system;
    const sku = await client.newProduct({ units: 5 });
    // A rolling deploy: the other instance writes by another version, and reaches the registry.
    const other = await system.startAnotherOrders({ ...OLDER, SCHEMA_REGISTRY_URL: direct.schemaRegistryUrl });
    const clientOfOther = new TestClient({ ...client.urls, orders: other });
    const customerId = fresh('customer');
    await whileAway(async () => {
      const ids = await clientOfOther.placeSeveral(5, { customerId, lines: [{ sku, quantity: 1 }] });
      for (const id of ids) await eventually(() => eventTap.recordsOf(id).length > 0);
      await eventually(async () => expect((await system.logOf('inventory')).join()).toContain('the schema registry'));
      expect(await client.product(sku)).toMatchObject({ reserved: 0, committed: 0 });
      for (const service of services) expect(await client.deadLetters(service)).toEqual([]);
    });
    for (const { orderId, status } of await client.allSettled(customerId, 5)) {
      expect(status).toBe('confirmed');
      const [placed] = await eventTap.eventsOf(orderId);
      expect(placed!.event.type).toBe('OrderPlaced');
      expect(placed!.event.schemaVersion).not.toBe(eventSchemas.OrderPlaced.version);
    }
  }, 300_000);

  it('no service ends', () => expect(ended).toEqual([]));
});

auditPasses(system);
