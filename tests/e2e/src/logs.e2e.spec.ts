import { expect, it } from '@jest/globals';
import { eventually, type ServiceName, serviceNames } from '@orderflow/client';
import { eventsOfOrder, eventsOnceComplete } from './support/published-events.js';
import { fresh } from './support/test-client.js';
import { TestSystem } from './support/test-system.js';

const system = new TestSystem({ env: { all: { LOG_LEVEL: 'info' } } });

type Line = Readonly<Record<string, unknown>>;

async function linesOf(name: ServiceName): Promise<Line[]> {
  return (await system.logOf(name)).map((line) => JSON.parse(line) as Line);
}

it('every line is JSON, and each consumed event has one, with its order and its trace', async () => {
  const { orderId, traceId } = await system.client.settledOrder();
  const published = await eventsOnceComplete(system.eventTap, orderId, eventsOfOrder.confirmed);
  await eventually(async () => {
    const inventory = (await linesOf('inventory')).filter((line) => line['orderId'] === orderId);
    const toInventory = published.filter(({ event }) => ['OrderPlaced', 'OrderConfirmed'].includes(event.type));
    expect(inventory.map((line) => line['eventId'])).toEqual(toInventory.map(({ event }) => event.id));
    for (const line of inventory)
      expect(line).toMatchObject({ level: 'info', service: 'inventory', group: 'inventory', traceId, msg: 'done' });
    const views = (await linesOf('orders')).filter(
      (line) => line['orderId'] === orderId && line['group'] === 'orders.views',
    );
    expect(new Set(views.map((line) => line['eventId']))).toEqual(new Set(published.map(({ event }) => event.id)));
    expect(views).toHaveLength(published.length);
  });
  for (const name of serviceNames) await linesOf(name);
});

it('no line contains an email address or a payment token', async () => {
  const customerId = fresh('secretive');
  const sku = await system.client.newProduct({ units: 1 });
  await system.client.setFaults({ mail: { outage: true } });
  const orderId = await system.client.place({ lines: [{ sku, quantity: 1 }], customerId });
  await system.client.chargeOf(orderId);
  await system.client.setFaults({ mail: {} });
  await system.client.settled(orderId);
  for (const name of serviceNames) {
    const text = (await system.logOf(name)).join('\n');
    expect(text).not.toContain(`${customerId}@`);
    expect(text).not.toContain('tok_visa');
  }
});
