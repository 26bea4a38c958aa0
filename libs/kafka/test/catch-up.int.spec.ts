import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { RealBroker, until } from './real-broker.js';

let real: RealBroker;
beforeEach(() => {
  real = new RealBroker();
});
afterEach(() => real.close());

/** Holds every record until it is opened. */
function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  let held = 0;
  const onBatch = () => {
    held++;
    return opened;
  };
  return { open: () => open(), onBatch, held: () => held };
}

it('a group is caught up once it has committed what was published before its consumer joined', async () => {
  await real.start();
  await real.say(30);
  const { open, onBatch, held } = gate();
  const consumer = await real.consume(onBatch);
  await until(() => held() > 0);
  expect(await consumer.caughtUp()).toBe(false);
  open();
  await until(() => consumer.caughtUp());
  expect(await real.committed()).toBe(await real.stored());
});

it('a consumer that has joined an empty topic is caught up, and what comes later does not change that', async () => {
  await real.start();
  const { open, onBatch, held } = gate();
  const consumer = await real.consume(onBatch);
  await until(() => consumer.caughtUp());
  await real.say(30);
  await until(() => held() > 0);
  expect(await consumer.caughtUp()).toBe(true);
  expect(await real.committed()).toBe(0);
  open();
});

it('a second instance starts over, and both wait for what the other was given', async () => {
  await real.start();
  const first = gate();
  const a = await real.consume(first.onBatch);
  await until(() => a.caughtUp());
  await real.say(30);
  await until(() => first.held() > 0);
  const b = await real.consume(async () => undefined);
  await until(() => b.ready() && a.ready());
  expect([await a.caughtUp(), await b.caughtUp()]).toEqual([false, false]);
  first.open();
  await until(async () => (await a.caughtUp()) && (await b.caughtUp()));
  expect(await real.committed()).toBe(await real.stored());
});
