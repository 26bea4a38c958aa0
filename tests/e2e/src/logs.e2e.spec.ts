import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually } from './support/eventually.js';
import { fresh } from './support/shop.js';
import { World } from './support/world.js';

let world: World;

beforeAll(async () => {
  world = await World.open({ env: { all: { LOG_LEVEL: 'info' } } });
});
afterAll(async () => world?.close());

const SERVICES = ['orders', 'inventory', 'payments', 'notifications', 'sandbox'] as const;

type Line = Readonly<Record<string, unknown>>;

async function linesOf(name: (typeof SERVICES)[number]): Promise<Line[]> {
  return (await world.logOf(name)).map((line) => JSON.parse(line) as Line);
}

it('every line is JSON, and there is one for each event that is consumed, with its order and its trace', async () => {
  const sku = await world.shop.sells({ units: 1 });
  const orderId = await world.shop.place({ lines: [{ sku, quantity: 1 }] });
  const { traceId } = await world.shop.settled(orderId);
  const heard = await world.tap.eventsOf(orderId);
  await eventually(async () => {
    const inventory = (await linesOf('inventory')).filter((line) => line['orderId'] === orderId);
    const toInventory = heard.filter(({ event }) => ['OrderPlaced', 'OrderConfirmed'].includes(event.type));
    expect(inventory.map((line) => line['eventId'])).toEqual(toInventory.map(({ event }) => event.id));
    for (const line of inventory)
      expect(line).toMatchObject({ level: 'info', service: 'inventory', group: 'inventory', traceId, msg: 'done' });
    const views = (await linesOf('orders')).filter(
      (line) => line['orderId'] === orderId && line['group'] === 'orders.views',
    );
    expect(new Set(views.map((line) => line['eventId']))).toEqual(new Set(heard.map(({ event }) => event.id)));
    expect(views).toHaveLength(heard.length);
  });
  for (const name of SERVICES) await linesOf(name);
});

it('no address and no token stands in any line', async () => {
  const customerId = fresh('secretive');
  const sku = await world.shop.sells({ units: 1 });
  await world.shop.faults({ mail: { outage: true } });
  const orderId = await world.shop.place({ lines: [{ sku, quantity: 1 }], customerId });
  await world.shop.chargeOf(orderId);
  await world.shop.faults({ mail: {} });
  await world.shop.settled(orderId);
  for (const name of SERVICES) {
    const text = (await world.logOf(name)).join('\n');
    expect(text).not.toContain(`${customerId}@`);
    expect(text).not.toContain('tok_visa');
  }
});

it('what strangers write into a record makes no line of its own, and nothing that a terminal obeys', async () => {
  const evil = 'a\r\n{"level":"info","msg":"forged"}\u001b[2J\u009b2J\u2028b';
  const topic = world.tap.topicOf('orders');
  await world.tap.send([{ topic, key: evil, value: Buffer.from(evil), headers: { ce_type: evil } }]);
  await eventually(async () => {
    const lines = await linesOf('inventory');
    expect(lines.filter((line) => line['msg'] === 'parked')).toHaveLength(1);
    expect(lines.filter((line) => line['msg'] === 'forged')).toEqual([]);
  });
  const raw = await world.logOf('inventory');
  for (const line of raw) expect(line).toMatch(/^[\u0020-\u007e\u00a0-\u2027\u202a-\uffff]*$/);
  for (const service of ['orders', 'inventory', 'payments', 'notifications'] as const)
    await world.rowsOf(service, 'DELETE FROM parked');
});
