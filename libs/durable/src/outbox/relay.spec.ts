import { expect, it } from '@jest/globals';
import { quietLog } from '../../test/counters.js';
import { systemClock } from '../base/clock.js';
import { Relay } from './relay.js';

it('a relay looks at its locks every second, also after the wall clock is set back', async () => {
  let [wall, elapsed, looks] = [3_600_000, 0, 0];
  const clock = { ...systemClock, now: () => wall + elapsed, elapsed: () => elapsed };
  const shardLocks = {
    join: async () => ({ relays: 1, held: looks++ === 0 ? [] : [0, 1, 2, 3] }),
    take: async () => true,
    giveBack: async () => undefined,
  };
  const session = {
    isOpen: true,
    session: (work: (tx: object) => Promise<unknown>) => work({}),
    end: async () => undefined,
  };
  const store = { session: () => session, shardLocks, outbox: { unsent: async () => [] } };
  const relay = new Relay<object>('orders', {
    store,
    clock,
    log: quietLog,
    settings: { topicPrefix: '', outboxPollMs: 100 },
  } as unknown as ConstructorParameters<typeof Relay<object>>[1]);
  await relay.step();
  wall = 0;
  elapsed += 1_001;
  await relay.step();
  expect(looks).toBe(2);
});
