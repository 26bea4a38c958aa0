import { describe, expect, it } from '@jest/globals';
import { SlowClients } from '../../../bench/src/slow-clients/slow-clients.ts';
import { Scrape } from './support/scrape.js';
import { fresh } from './support/test-client.js';
import { auditPasses, TestSystem } from './support/test-system.js';

const CONNECTIONS = 2_000;
/** Half as much again as orders has under load without a limit of its heap. */
const MEMORY_BYTES = 768 * 1024 * 1024;

const system = new TestSystem();

const memoryOfOrders = async (): Promise<number> =>
  (await Scrape.of(system.client, 'orders')).sum('process_resident_memory_bytes')!;

describe('2,000 connections with headers or bodies that do not end, or answers that are not read', () => {
  it('are ended, and every order of others is accepted and confirmed meanwhile', async () => {
    const { client } = system;
    const customerId = fresh('customer');
    const sku = await client.newProduct({ units: 100_000 });
    const order = { customerId, lines: [{ sku, quantity: 1 }] };
    await client.settled(await client.place(order));
    const slow = new SlowClients(client.urls.orders, { reopens: false });
    let [placed, memory] = [1, 0];
    try {
      await slow.begin(CONNECTIONS);
      do {
        await client.placeSeveral(5, order);
        placed += 5;
        memory = Math.max(memory, await memoryOfOrders());
      } while (slow.ended < CONNECTIONS);
    } finally {
      slow.close();
    }
    expect(slow.timedOut).toBe(0.95 * CONNECTIONS);
    expect(memory).toBeLessThan(MEMORY_BYTES);
    const orders = await client.allSettled(customerId, placed);
    expect(orders.filter(({ status }) => status !== 'confirmed')).toEqual([]);
  }, 300_000);
});

auditPasses(system);
