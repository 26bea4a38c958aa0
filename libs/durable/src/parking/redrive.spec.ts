import { expect, it } from '@jest/globals';
import { quietLog } from '../../test/counters.js';
import { systemClock } from '../base/clock.js';
import { Redrive } from './redrive.js';

it('a redrive looks for forgotten records every minute, also after the wall clock is set back', async () => {
  let [wall, elapsed, looks] = [3_600_000, 0, 0];
  const clock = { ...systemClock, now: () => wall + elapsed, elapsed: () => elapsed };
  const parking = {
    due: async () => [],
    putBack: async () => undefined,
    unpark: async () => undefined,
    wake: async () => void looks++,
  };
  const events = { decode: async () => undefined, deliver: async () => [] };
  const redrive = new Redrive<object>(parking, events, { clock, log: quietLog, store: { database: {} } });
  await redrive.step();
  wall = 0;
  elapsed += 60_000;
  await redrive.step();
  expect(looks).toBe(2);
});
