import { expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import type { Broker } from '../src/broker.js';
import { RealBroker } from './real-broker.js';

const real = new RealBroker();

const lag = async (broker: Broker) =>
  (await broker.lagOf(real.groupId, [real.topic])).reduce((sum, { records }) => sum + records, 0);

it('the lag of a group is the number of records that it has not committed', async () => {
  await real.start();
  await real.publish(30);
  const broker = real.broker();
  const stored = await real.stored();
  expect(await lag(broker)).toBe(stored);
  const consumer = await real.consume(async () => undefined);
  await eventually(async () => (await lag(broker)) === 0);
  await consumer.stop();
  await real.publish(5, 3, 30);
  expect(await lag(broker)).toBe((await real.stored()) - stored);
  const partitions = await broker.lagOf(real.groupId, [real.topic]);
  expect(new Set(partitions.map(({ partition }) => partition))).toEqual(new Set([0, 1, 2]));
});

// proves: records that no consumer is shown leave no lag
it('an aborted transaction at the end of a partition is no lag, and the records after it are consumed', async () => {
  await real.start(1);
  await real.publish(3);
  const broker = real.broker();
  const { consumed, consumer } = await real.collect();
  // Committed, so that no rebalance makes one fetch of these records and the transaction.
  await eventually(async () => (await lag(broker)) === 0);
  await real.abortTransaction();
  await eventually(async () => (await lag(broker)) === 0);
  const later = await real.publish(2, 3, 3);
  await eventually(() => later.every((value) => consumed.includes(value)));
  await eventually(async () => (await lag(broker)) === 0);
  await consumer.stop();
});
