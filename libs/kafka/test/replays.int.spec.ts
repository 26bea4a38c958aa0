import { beforeEach, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { Replays, type ReplayPlan } from '../src/driver/replays.js';
import { brokers, perKey, RealBroker } from './real-broker.js';

const real = new RealBroker();
const replays = new Replays(brokers);
beforeEach(() => real.start());

const plan = (since: 'earliest' | Date) => replays.plan(real.groupId, since);
const recordsOf = ({ partitions }: ReplayPlan) =>
  partitions.reduce((sum, { from, to }) => sum + Number(from) - Number(to), 0);

/** Lets the group consume every stored record, and returns their values. */
async function consumeAll(): Promise<string[]> {
  const { consumed, consumer } = await real.collect();
  await eventually(async () => (await real.committed()) === (await real.stored()));
  await consumer.stop();
  return consumed;
}

it('a rewound group consumes every stored record again, in the order of each partition', async () => {
  await real.publish(30);
  const consumed = await consumeAll();
  const back = await plan('earliest');
  expect(back.members).toBe(0);
  expect(recordsOf(back)).toBe(await real.stored());
  expect(await consumeAll()).toEqual([]);

  await replays.rewind(back);
  const again = await consumeAll();
  for (const key of ['k0', 'k1', 'k2']) expect(perKey(again, key)).toEqual(perKey(consumed, key));
});

it('a group consumes the records since a given time again, and no others', async () => {
  await real.publish(10);
  await consumeAll();
  const before = await real.stored();
  // The broker's clock sets the timestamps; one millisecond later is after all of them.
  const since = new Date(Date.now() + 1);
  await eventually(() => Date.now() > since.getTime());
  await real.publish(6, 3, 10);
  const published = (await real.stored()) - before;
  await consumeAll();
  const back = await plan(since);
  expect(recordsOf(back)).toBe(published);
  await replays.rewind(back);
  expect(new Set(await consumeAll())).toEqual(new Set(['k1:10', 'k2:11', 'k0:12', 'k1:13', 'k2:14', 'k0:15']));
});

it('a group never moves forward: records not consumed yet are not skipped', async () => {
  await real.publish(10);
  await consumeAll();
  await real.publish(5, 3, 10);
  const back = await plan(new Date(Date.now() + 3_600_000));
  expect(recordsOf(back)).toBe(0);
  await replays.rewind(back);
  expect(new Set(await consumeAll())).toEqual(new Set(['k1:10', 'k2:11', 'k0:12', 'k1:13', 'k2:14']));
});

it('a group with members is reported and refused', async () => {
  await real.publish(5);
  const consumer = await real.consume(async () => undefined);
  await eventually(async () => (await real.committed()) === (await real.stored()));
  const back = await plan('earliest');
  expect(back.members).toBe(1);
  await expect(replays.rewind(back)).rejects.toThrow(/has 1 members: stop them first/);
  await consumer.stop();
});

it('an unknown group is refused', async () => {
  await expect(plan('earliest')).rejects.toThrow(/has not committed any offset/);
});
