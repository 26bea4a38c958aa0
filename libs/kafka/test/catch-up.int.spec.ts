import { eventually } from '@orderflow/client';
import { expect, it } from '@jest/globals';
import { RealBroker } from './real-broker.js';

const real = new RealBroker();

/** Holds every record until it is opened. */
function gate() {
  const opened = Promise.withResolvers<void>();
  let held = 0;
  const onBatch = () => {
    held++;
    return opened.promise;
  };
  return { open: opened.resolve, onBatch, held: () => held };
}

it('a group is caught up once it has committed what was published before its consumer joined', async () => {
  await real.start();
  await real.publish(30);
  const { open, onBatch, held } = gate();
  const consumer = await real.consume(onBatch);
  await eventually(() => held() > 0);
  expect(await consumer.caughtUp()).toBe(false);
  open();
  await eventually(() => consumer.caughtUp());
  expect(await real.committed()).toBe(await real.stored());
});

it('a consumer that has joined an empty topic is caught up, and what comes later does not change that', async () => {
  await real.start();
  const { open, onBatch, held } = gate();
  const consumer = await real.consume(onBatch);
  await eventually(() => consumer.caughtUp());
  await real.publish(30);
  await eventually(() => held() > 0);
  expect(await consumer.caughtUp()).toBe(true);
  expect(await real.committed()).toBe(0);
  open();
});

it('a second instance starts over, and both wait for what the other was given', async () => {
  await real.start();
  const first = gate();
  const a = await real.consume(first.onBatch);
  await eventually(() => a.caughtUp());
  // Records in every partition: whichever of them the first instance keeps, it holds some.
  await real.publish(30, 30);
  await eventually(() => first.held() > 0);
  const b = await real.consume(async () => undefined);
  await eventually(() => b.ready() && a.ready());
  expect([await a.caughtUp(), await b.caughtUp()]).toEqual([false, false]);
  first.open();
  await eventually(async () => (await a.caughtUp()) && (await b.caughtUp()));
  expect(await real.committed()).toBe(await real.stored());
});
