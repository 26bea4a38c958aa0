import { describe, expect, it } from '@jest/globals';
import { quietLog } from '../../test/counters.js';
import { systemClock } from './clock.js';
import type { Log } from './log.js';
import { Loop } from './loop.js';

const NEVER_MS = 1_000_000;
const turn = () => new Promise(setImmediate);

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await turn();
}

class Worker extends Loop {
  runs = 0;

  /** @param work gets the number of the run, from 1, and returns true when there is more to do */
  constructor(
    private readonly work: (run: number, worker: Worker) => Promise<boolean>,
    log: Pick<Log, 'warn'> = quietLog,
  ) {
    super('work', NEVER_MS, { clock: systemClock, log });
    this.start();
  }

  override step(): Promise<boolean> {
    return this.work(++this.runs, this);
  }
}

describe('a loop', () => {
  it('continues at once while there is more to do, and then waits to be poked', async () => {
    const worker = new Worker(async (run) => run < 3);
    await until(() => worker.runs === 3);
    worker.poke();
    await until(() => worker.runs === 4);
    await worker.stop();
    expect(worker.runs).toBe(4);
  });

  it('does not lose a poke that arrives while it works', async () => {
    const worker = new Worker(async (run, self) => {
      if (run === 1) self.poke();
      return false;
    });
    await until(() => worker.runs === 2);
    await worker.stop();
    expect(worker.runs).toBe(2);
  });

  it('logs a failure and retries', async () => {
    const reasons: string[] = [];
    const work = async (run: number) => {
      if (run === 1) throw new Error('away');
      return false;
    };
    const worker = new Worker(work, { warn: (fields) => reasons.push((fields as { reason: string }).reason) });
    await until(() => worker.runs === 2);
    await worker.stop();
    expect(reasons).toEqual(['Error: away']);
  });

  it('finishes the current piece of work before it stops', async () => {
    let end: () => void = () => undefined;
    let ended = false;
    const worker = new Worker(async () => {
      await new Promise<void>((resolve) => (end = resolve));
      ended = true;
      return true;
    });
    await turn();
    const stopped = worker.stop();
    end();
    await stopped;
    expect(ended).toBe(true);
  });
});
