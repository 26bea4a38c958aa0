import { expect, it } from '@jest/globals';
import { demand, eventually } from '@orderflow/client';
import type { Breaks, BrokenPart } from '@orderflow/console-api';
import { TestConsole } from './support/test-console.js';
import { auditPasses, TestSystem } from './support/test-system.js';

const system = new TestSystem();
const pages = new TestConsole(system);

// The order is confirmed within it also on a busy machine.
const SECONDS = 20;

const mail = async (): Promise<BrokenPart> => {
  const { parts } = await pages.get<Breaks>('/api/breaks');
  return parts.find(({ part }) => part === 'mail')!;
};

it('a break ends by itself while the console is dead, and the console tells afterwards how the orders healed', async () => {
  const { client } = system;
  const sku = await client.newProduct({ units: 1 });
  // The first order of a system takes longer than the next ones.
  await client.settledOrder();
  const what = { json: { forSeconds: SECONDS }, headers: { 'x-console': '1' } };
  const { parts } = await demand<Breaks>(`${pages.url}/api/breaks/mail-away`, what);
  expect(parts[1]).toMatchObject({ part: 'mail', on: 'mail-away', isBroken: true });
  const orderId = await client.place({ lines: [{ sku, quantity: 1 }] });
  const confirmed = await client.orderWhen(orderId, ({ status }) => status === 'confirmed');
  expect(confirmed.settled).toBe(false);
  await pages.kill();
  await eventually(async () => expect(await client.faults()).toMatchObject({ mail: { outage: false } }));
  await client.settled(orderId, 60_000);
  await pages.start();
  await eventually(async () => {
    const healed = { held: 1, waiting: 0, healedAt: expect.any(String) };
    expect(await mail()).toMatchObject({ on: null, isBroken: false, healing: healed });
  }, 300_000);
  const { until, healing } = await mail();
  expect(Date.parse(healing!.healedAt!)).toBeGreaterThanOrEqual(Date.parse(until!));
}, 180_000);

auditPasses(system);
