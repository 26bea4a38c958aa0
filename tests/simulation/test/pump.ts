import { setImmediate } from 'node:timers/promises';
import type { MemoryBroker } from '../src/memory/broker.js';
import { type Action, type Scheduler, settled } from '../src/scheduler.js';

/** Lets all that can happen happen, who waits longest first: memory then behaves like a real part. @returns what stops it */
export function pump(scheduler: Scheduler, broker?: MemoryBroker): () => Promise<void> {
  let isStopped = false;
  const running = (async () => {
    while (!isStopped) {
      const actions: Action[] = scheduler.ready();
      for (const consumer of broker?.consumers ?? []) consumer.addActions(actions);
      const [oldest] = actions.toSorted((a, b) => a.since - b.since);
      scheduler.step++;
      oldest?.run();
      await settled();
      // Tests that wait for something get their turn.
      await setImmediate();
    }
  })();
  return async () => {
    isStopped = true;
    await running;
  };
}
