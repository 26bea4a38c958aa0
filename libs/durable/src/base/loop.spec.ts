import { describe, expect, it } from '@jest/globals';
import { quietLog } from '../../test/counters.js';
import { systemClock } from './clock.js';
import { Loop } from './loop.js';

const NEVER_MS = 1_000_000;
const turn = () => new Promise(setImmediate);

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await turn();
}

describe('a loop', () => {
  it('continues at once while there is more to do, and then waits to be poked', async () => {
    let runs = 0;
    const loop = new Loop('work', async () => ++runs < 3, NEVER_MS, { clock: systemClock, log: quietLog });
    loop.start();
    await until(() => runs === 3);
    loop.poke();
    await until(() => runs === 4);
    await loop.stop();
    expect(runs).toBe(4);
  });

  it('does not lose a poke that arrives while it works', async () => {
    let runs = 0;
    const loop: Loop = new Loop(
      'work',
      async () => {
        if (++runs === 1) loop.poke();
        return false;
      },
      NEVER_MS,
      { clock: systemClock, log: quietLog },
    );
    loop.start();
    await until(() => runs === 2);
    await loop.stop();
    expect(runs).toBe(2);
  });

  it('logs a failure and retries', async () => {
    const reasons: string[] = [];
    let runs = 0;
    const loop = new Loop(
      'work',
      async () => {
        if (++runs === 1) throw new Error('away');
        return false;
      },
      NEVER_MS,
      { clock: systemClock, log: { warn: (fields) => reasons.push((fields as { reason: string }).reason) } },
    );
    loop.start();
    await until(() => runs === 2);
    await loop.stop();
    expect(reasons).toEqual(['Error: away']);
  });

  it('finishes the current piece of work before it stops', async () => {
    let end: () => void = () => undefined;
    let ended = false;
    const loop = new Loop(
      'work',
      async () => {
        await new Promise<void>((resolve) => (end = resolve));
        ended = true;
        return true;
      },
      NEVER_MS,
      { clock: systemClock, log: quietLog },
    );
    loop.start();
    await turn();
    const stopped = loop.stop();
    end();
    await stopped;
    expect(ended).toBe(true);
  });
});
