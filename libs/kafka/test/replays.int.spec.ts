import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { Replays, type ReplayPlan } from '../src/driver/replays.js';
import { brokers, RealBroker, valueOf } from './real-broker.js';

let real: RealBroker;
const replays = new Replays(brokers);
beforeEach(async () => {
  real = new RealBroker();
  await real.start();
});
afterEach(() => real.close());

const plan = (since: 'earliest' | Date) => replays.plan(real.groupId, since);
const recordsOf = ({ partitions }: ReplayPlan) =>
  partitions.reduce((sum, { from, to }) => sum + Number(from) - Number(to), 0);

/** Lets the group hear all that is stored, and returns what it heard. */
async function hear(): Promise<string[]> {
  const heard: string[] = [];
  const consumer = await real.consume(async (records) => void heard.push(...records.map(valueOf)));
  await eventually(async () => (await real.committed()) === (await real.stored()));
  await consumer.stop();
  return heard;
}

it('a group that is set back hears again all that is there, in the order of each partition', async () => {
  await real.say(30);
  const heard = await hear();
  const back = await plan('earliest');
  expect(back.members).toBe(0);
  expect(recordsOf(back)).toBe(await real.stored());
  expect(await hear()).toEqual([]);

  await replays.rewind(back);
  const again = await hear();
  const perKey = (values: string[], key: string) => values.filter((value) => value.startsWith(`${key}:`));
  for (const key of ['k0', 'k1', 'k2']) expect(perKey(again, key)).toEqual(perKey(heard, key));
});

it('a group hears again what came since a time, and nothing else', async () => {
  await real.say(10);
  await hear();
  const before = await real.stored();
  // The broker's clock stamps; a moment later is after all of them.
  const since = new Date(Date.now() + 1);
  await eventually(() => Date.now() > since.getTime());
  await real.say(6, 3, 10);
  const said = (await real.stored()) - before;
  await hear();
  const back = await plan(since);
  expect(recordsOf(back)).toBe(said);
  await replays.rewind(back);
  expect(new Set(await hear())).toEqual(new Set(['k1:10', 'k2:11', 'k0:12', 'k1:13', 'k2:14', 'k0:15']));
});

it('a group never goes forward: what it has not heard yet is not skipped', async () => {
  await real.say(10);
  await hear();
  await real.say(5, 3, 10);
  const back = await plan(new Date(Date.now() + 3_600_000));
  expect(recordsOf(back)).toBe(0);
  await replays.rewind(back);
  expect(new Set(await hear())).toEqual(new Set(['k1:10', 'k2:11', 'k0:12', 'k1:13', 'k2:14']));
});

it('a group with members is told of, and refused', async () => {
  await real.say(5);
  const consumer = await real.consume(async () => undefined);
  await eventually(async () => (await real.committed()) === (await real.stored()));
  const back = await plan('earliest');
  expect(back.members).toBe(1);
  await expect(replays.rewind(back)).rejects.toThrow(/has 1 members: stop them first/);
  await consumer.stop();
});

it('a group that never was is refused', async () => {
  await expect(plan('earliest')).rejects.toThrow(/has not committed anything/);
});
