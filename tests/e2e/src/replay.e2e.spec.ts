import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KafkajsBroker } from '@orderflow/kafka';
import { eventually } from './support/eventually.js';
import { type Ran, runTool } from './support/run-tool.js';
import { Scrape } from './support/scrape.js';
import { wholeState } from './support/whole-state.js';
import { World } from './support/world.js';

let world: World;
let broker: KafkajsBroker;

beforeAll(async () => {
  world = await World.open({
    env: { orders: { ORDER_DEADLINE_SECONDS: '20' }, sandbox: { SILENCE_SECONDS: '22', SLOW_SECONDS: '2' } },
  });
  broker = new KafkajsBroker({ brokers: world.infrastructure.kafkaBrokers.split(','), clientId: 'e2e' });
});
afterAll(async () => {
  await broker?.disconnect();
  await world?.close();
});

const SERVICES = ['orders', 'inventory', 'payments', 'notifications'] as const;
const GROUPS = [...SERVICES, 'orders.views'];

const replay = (group: string, ...args: string[]): Promise<Ran> =>
  runTool('replay', ['--group', group, ...args], {
    KAFKA_BROKERS: world.infrastructure.kafkaBrokers,
    TOPIC_PREFIX: world.prefixes.topics,
  });

/** Topics by group, as the broker knows them. */
async function demandCaughtUp(): Promise<void> {
  const owned = [
    ...SERVICES.map((service) => world.tap.topicOf(service)),
    `${world.prefixes.topics}inventory.products`,
  ];
  const heard: Record<string, string[]> = {
    orders: [owned[1]!, owned[2]!, owned[4]!],
    inventory: [owned[0]!],
    payments: [owned[0]!, owned[1]!],
    notifications: [owned[0]!, owned[2]!],
    'orders.views': owned.slice(0, 4),
  };
  for (const [group, topics] of Object.entries(heard)) {
    const lags = await broker.lagOf(world.prefixes.topics + group, topics);
    expect({ group, behind: lags.reduce((sum, { records }) => sum + records, 0) }).toEqual({ group, behind: 0 });
  }
}

/** One order of each outcome, all of them settled. */
async function oneOfEach(): Promise<string[]> {
  const { shop } = world;
  const sku = await shop.sells({ units: 100 });
  const lines = [{ sku, quantity: 1 }];
  const late = await shop.place({ lines, token: 'tok_timeout' });
  const cancelled = await shop.place({ lines, token: 'tok_slow' });
  await shop.chargeOf(cancelled);
  await shop.cancel(cancelled);
  const orders = [
    late,
    cancelled,
    await shop.place({ lines }),
    await shop.place({ lines, token: 'tok_declined' }),
    await shop.place({ lines: [{ sku, quantity: 9_000 }] }),
  ];
  const ended = [];
  for (const orderId of orders) ended.push(await shop.settled(orderId, 60_000));
  expect(ended.map(({ status, cancelReason }) => cancelReason ?? status)).toEqual([
    'timed_out',
    'customer_request',
    'confirmed',
    'payment_declined',
    'out_of_stock',
  ]);
  return orders;
}

/** Stops every service, sets all groups back to the beginning, starts them, and waits until all of it was heard again. */
async function replayEverything(meanwhile: () => Promise<void> = async () => undefined): Promise<Ran[]> {
  await Promise.all(SERVICES.map(async (name) => world.system.service(name).kill('SIGTERM')));
  const ran = await Promise.all(GROUPS.map(async (group) => replay(group, '--from', 'earliest', '--yes')));
  await meanwhile();
  await Promise.all(SERVICES.map(async (name) => world.system.service(name).start()));
  await eventually(demandCaughtUp, 60_000);
  return ran;
}

const duplicatesAt = async (name: (typeof SERVICES)[number]): Promise<number> =>
  (await Scrape.of(world.shop.urls[name])).sum('messaging_process_duration_seconds_count', {
    messaging_consumer_group_name: name,
    outcome: 'duplicate',
  }) ?? 0;

describe('all topics from their beginning, into the live groups', () => {
  it('are announced before they are heard again, and refused while the group has members', async () => {
    const orders = await oneOfEach();
    await eventually(demandCaughtUp, 60_000);
    const announced = await replay('inventory', '--from', 'earliest');
    expect(announced).toMatchObject({ exitCode: 0, output: expect.stringContaining('Nothing was changed') });
    const placed = orders.length;
    // At inventory an order is placed and over: two events each.
    expect(announced.output).toContain(`inventory: ${2 * placed} records to consume again`);
    const refused = await replay('inventory', '--from', 'earliest', '--yes');
    expect(refused).toMatchObject({ exitCode: 1, output: expect.stringContaining('docker compose stop inventory') });
    await demandCaughtUp();
  }, 120_000);

  it('change nothing: no row, no event, no mail, no charge; each is dropped as a duplicate', async () => {
    const before = { state: await wholeState(world), said: world.tap.heardSoFar() };
    const ran = await replayEverything();
    expect(ran.map(({ exitCode, errors }) => [exitCode, errors])).toEqual(GROUPS.map(() => [0, '']));
    expect({ state: await wholeState(world), said: world.tap.heardSoFar() }).toEqual(before);
    expect(await duplicatesAt('inventory')).toBe(10);
    for (const name of SERVICES) expect(await duplicatesAt(name)).toBeGreaterThan(0);
  }, 180_000);

  it('change nothing either when no service remembers what it has seen, and bring back a read model that is gone', async () => {
    const before = { state: await wholeState(world), said: world.tap.heardSoFar() };
    await replayEverything(async () => {
      for (const name of SERVICES) await world.rowsOf(name, 'DELETE FROM inbox');
      await world.rowsOf('orders', 'DELETE FROM order_views');
    });
    expect({ state: await wholeState(world), said: world.tap.heardSoFar() }).toEqual(before);
    expect(await duplicatesAt('inventory')).toBe(0);
    const [{ count } = { count: 0 }] = await world.rowsOf<{ count: number }>(
      'inventory',
      'SELECT count(*)::int AS count FROM inbox',
    );
    expect(count).toBe(10);
  }, 180_000);
});

describe('orderflow replay', () => {
  it.each([
    ['a group that is none', ['--group', 'stock', '--from', 'earliest'], /--group is one of orders, /],
    ['no beginning', ['--group', 'inventory'], /--from is "earliest" or a time/],
    ['a time without its zone', ['--group', 'inventory', '--from', '2026-01-01T00:00:00'], /with its zone/],
    ['an option that is none', ['--group', 'inventory', '--from', 'earliest', '--now'], /--now/],
  ])('refuses %s in one line', async (_what, args, why) => {
    const { exitCode, errors } = await runTool('replay', args, { KAFKA_BROKERS: world.infrastructure.kafkaBrokers });
    expect(exitCode).toBe(1);
    expect(errors).toMatch(why);
    expect(errors.trim().split('\n')).toHaveLength(1);
  });
});

it('leaves books that add up', async () => {
  expect(await world.audit()).toEqual({ violations: [], parked: [] });
});
