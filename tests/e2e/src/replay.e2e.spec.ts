import { describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { type Service, services } from '@orderflow/contracts';
import { groups } from './support/account.js';
import { expectNoLag } from './support/all-consumed.js';
import { type Ran, runOps } from './support/run-ops.js';
import { Scrape } from './support/scrape.js';
import { wholeState } from './support/whole-state.js';
import { auditPasses, TestSystem } from './support/test-system.js';

const system = new TestSystem({
  env: { orders: { ORDER_DEADLINE_SECONDS: '20' }, sandbox: { SILENCE_SECONDS: '22', SLOW_SECONDS: '4' } },
});

const GROUPS = groups.map(({ name }) => name);

const replay = (group: string, ...args: string[]): Promise<Ran> =>
  runOps('replay', ['--group', group, ...args], {
    KAFKA_BROKERS: system.infrastructure.kafkaBrokers,
    TOPIC_PREFIX: system.prefixes.topics,
    DATABASE_URL: system.infrastructure.databaseUrl,
    DATABASE_PREFIX: system.prefixes.databases,
  });

const caughtUp = async () => expectNoLag(system);

/** One order of each outcome, all of them settled. */
async function oneOfEach(): Promise<string[]> {
  const { client } = system;
  const sku = await client.newProduct({ units: 100 });
  const late = await client.place({ lines: [{ sku, quantity: 1 }], paymentToken: 'tok_timeout' });
  const orders = [late, ...(await client.oneOfEachOutcome(sku))];
  const ended = [];
  for (const orderId of orders) ended.push(await client.settled(orderId, 60_000));
  const outcomes = ended.map(({ status, cancelReason }) => cancelReason ?? status);
  expect(outcomes).toEqual(['timed_out', 'customer_request', 'confirmed', 'payment_declined', 'out_of_stock']);
  return orders;
}

/** Stops every service, sets all groups back to the beginning, starts them, and waits until they have consumed everything. */
async function replayEverything(meanwhile: () => Promise<void> = async () => undefined): Promise<Ran[]> {
  await Promise.all(services.map(async (name) => system.kill(name, 'SIGTERM')));
  const ran = await Promise.all(GROUPS.map(async (group) => replay(group, '--from', 'earliest', '--yes')));
  await meanwhile();
  await Promise.all(services.map(async (name) => system.start(name)));
  await eventually(caughtUp, 120_000);
  return ran;
}

/** Rows and records, without the prices: inventory publishes the newest of each product again whenever it starts (ADR 20). */
async function everything() {
  const isOther = (text: string) => !text.includes('inventory.products');
  const { 'inventory.published_offsets': published = [], ...state } = await wholeState(system);
  await system.eventTap.readToEnd(60_000);
  const positions = system.eventTap.positions().filter(isOther);
  return { state, published: published.filter(isOther), positions };
}

const duplicatesAt = async (name: Service): Promise<number> =>
  (await Scrape.of(system.client, name)).sum('messaging_process_duration_seconds_count', {
    messaging_consumer_group_name: name,
    outcome: 'duplicate',
  }) ?? 0;

describe('all topics from their beginning, into the live groups', () => {
  it('are announced before a replay, which is rejected while the group has members', async () => {
    const orders = await oneOfEach();
    await eventually(caughtUp, 60_000);
    const announced = await replay('inventory', '--from', 'earliest');
    expect(announced).toMatchObject({ exitCode: 0, output: expect.stringContaining('Nothing was changed') });
    const placed = orders.length;
    // Inventory consumes two events of each order.
    expect(announced.output).toContain(`inventory: ${2 * placed} records to consume again`);
    const refused = await replay('inventory', '--from', 'earliest', '--yes');
    expect(refused).toMatchObject({ exitCode: 1, output: expect.stringContaining('docker compose stop inventory') });
    await caughtUp();
  }, 300_000);

  it('change no row and publish no event: each record is dropped as a duplicate', async () => {
    const before = await everything();
    const ran = await replayEverything();
    expect(ran.map(({ exitCode, errors }) => [exitCode, errors])).toEqual(GROUPS.map(() => [0, '']));
    expect(await everything()).toEqual(before);
    expect(await duplicatesAt('inventory')).toBe(10);
    for (const name of services) expect(await duplicatesAt(name)).toBeGreaterThan(0);
  }, 300_000);

  it('change nothing either when the inboxes are empty, and rebuild the read model', async () => {
    const before = await everything();
    await replayEverything(async () => {
      for (const name of services) await system.rowsOf(name, 'DELETE FROM inbox');
      await system.rowsOf('orders', 'DELETE FROM order_views');
    });
    expect(await everything()).toEqual(before);
    expect(await duplicatesAt('inventory')).toBe(0);
    expect(await system.count('inventory', 'inbox')).toBe(10);
  }, 300_000);
});

describe('orderflow replay', () => {
  it.each([
    ['an unknown group', ['--group', 'stock', '--from', 'earliest'], /--group is one of orders, /],
    ['a missing --from', ['--group', 'inventory'], /--from is "earliest" or a time/],
    ['a time without its zone', ['--group', 'inventory', '--from', '2026-01-01T00:00:00'], /with its zone/],
    ['an unknown option', ['--group', 'inventory', '--from', 'earliest', '--now'], /--now/],
  ])('rejects %s in one line', async (_what, args, why) => {
    const { exitCode, errors } = await runOps('replay', args, { KAFKA_BROKERS: system.infrastructure.kafkaBrokers });
    expect(exitCode).toBe(1);
    expect(errors).toMatch(why);
    expect(errors.trim().split('\n')).toHaveLength(1);
  });
});

auditPasses(system);
