import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomInt } from 'node:crypto';
import type { RawRecord } from '@orderflow/kafka';
import { type Account, accountOf, groups } from './support/account.js';
import { eventually } from './support/eventually.js';
import { Chance, isLarge, type Malformed, spoil } from './support/malformed.js';
import { fresh } from './support/shop.js';
import { World } from './support/world.js';

const RECORDS = Number(process.env['MUTATED_RECORDS'] ?? 10_000);
const AT_ONCE = 200;
const SEED = Number(process.env['MUTATED_SEED'] ?? randomInt(2 ** 31));

let world: World;
const exits: string[] = [];

beforeAll(async () => {
  world = await World.open({
    env: { all: { LOG_LEVEL: 'info' }, sandbox: { SLOW_SECONDS: '1' } },
    onExit: (service, how) => exits.push(`${service}: ${how}`),
  });
});
afterAll(async () => world?.close());

/**
 * What nobody can tell from a true event is no bad input: one that can be read and claims another place in its order's
 * stream than it had.
 */
async function passesForTrue(mutated: Malformed, original: RawRecord): Promise<boolean> {
  const { sequence } = await world.tap.read(original);
  const headers = knownHeaders(mutated.headers);
  // Where it cannot be read it passes for nothing.
  const event = await world.tap.read({ ...original, ...mutated, headers }).catch(() => undefined);
  return event !== undefined && event.sequence !== sequence;
}

/** As a service sees them: a name that is given twice counts as absent. */
const knownHeaders = (headers: Malformed['headers']): RawRecord['headers'] =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (Buffer.isBuffer(value) ? [[name, value]] : [])),
  );

async function mutants(originals: readonly RawRecord[], count: number): Promise<Malformed[]> {
  const chance = new Chance(SEED);
  const made: Malformed[] = [];
  while (made.length < count) {
    const original = chance.of(originals);
    const mutated = spoil(original, originals, chance);
    if (!(await passesForTrue(mutated, original))) made.push(mutated);
  }
  return made;
}

async function sendAll(records: readonly Malformed[]): Promise<void> {
  const small = records.filter((record) => !isLarge(record));
  for (let at = 0; at < small.length; at += AT_ONCE) await world.tap.send(small.slice(at, at + AT_ONCE));
  // Two of these would be more than the broker takes at once.
  for (const record of records.filter(isLarge)) await world.tap.send([record]);
}

/** Good orders, each placed when the one before is settled, until it is told to end. */
function customer(sku: string, customerId: string) {
  let settled = 0;
  let ended = false;
  const running = (async () => {
    while (!ended) {
      const order = await world.shop.settled(await world.shop.place({ customerId, lines: [{ sku, quantity: 1 }] }));
      expect(order.status).toBe('confirmed');
      settled += 1;
    }
    return settled;
  })();
  const end = async () => {
    ended = true;
    return running;
  };
  return { running, end };
}

const noLag = async () => {
  for (const { name, heard } of groups) {
    const behind = (await world.tap.lagOf(name, heard)).filter(({ records }) => records > 0);
    expect({ name, behind }).toEqual({ name, behind: [] });
  }
};

describe(`${RECORDS} mutated records (MUTATED_SEED=${SEED}) beside good orders`, () => {
  let donors: string[];
  let originals: RawRecord[];
  const customerId = fresh('customer');

  it('are each handled, dropped or parked, while the good orders settle', async () => {
    console.log(`MUTATED_SEED=${SEED}`);
    const { shop, tap } = world;
    const sku = await shop.sells({ units: 10_000 });
    const oneOfEach = async () => shop.oneOfEachEnding(await shop.sells({ units: 100 }));
    donors = [...(await oneOfEach()), ...(await oneOfEach())];
    const before = await shop.allOf(donors);
    originals = donors.flatMap((orderId) => tap.recordsOf(orderId));
    expect(new Set(originals.map(({ headers }) => headers['ce_type']?.toString())).size).toBe(12);
    const bad = await mutants(originals, RECORDS);

    const good = customer(sku, customerId);
    const since = Date.now();
    await Promise.race([sendAll(bad), good.running]);
    const [sentMs, settled] = [Date.now() - since, await good.end()];
    expect(settled).toBeGreaterThan(0);
    await eventually(noLag, 180_000);
    console.log(`sent in ${sentMs} ms beside ${settled} good orders, no lag ${Date.now() - since - sentMs} ms later`);
    await shop.settled(await shop.place({ customerId, lines: [{ sku, quantity: 1 }] }));
    await eventually(noLag);

    const accounts: Record<string, Account> = {};
    for (const group of groups) accounts[group.name] = await accountOf(world, group, tap.all());
    console.log(JSON.stringify(accounts));
    for (const { records, handled, parked, dropped, lost } of Object.values(accounts)) {
      expect(lost).toEqual([]);
      expect(handled + parked + dropped).toBe(records);
      expect(parked).toBeGreaterThan(RECORDS / 10);
    }
    expect(exits).toEqual([]);
    expect(await shop.allOf(donors)).toEqual(before);
  }, 400_000);
});

it('leaves books that add up', async () => {
  const { violations, parked } = await world.audit();
  expect(violations).toEqual([]);
  expect(parked.length).toBeGreaterThan(0);
});
