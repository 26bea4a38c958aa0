import { setImmediate } from 'node:timers/promises';
import type { MemoryBroker } from '../src/memory/broker.js';
import { type Action, type Scheduler, idle } from '../src/scheduler.js';

/** Runs every possible action, the oldest first, so that memory behaves like a real server. @returns a function that stops it */
export function pump(scheduler: Scheduler, broker?: MemoryBroker): () => Promise<void> {
  let isStopped = false;
  const running = (async () => {
    while (!isStopped) {
      const actions: Action[] = scheduler.ready();
      for (const consumer of broker?.consumers ?? []) consumer.addActions(actions);
      const [oldest] = actions.toSorted((a, b) => a.since - b.since);
      scheduler.step++;
      oldest?.run();
      await idle();
      // The test gets its turn.
      await setImmediate();
    }
  })();
  return async () => {
    isStopped = true;
    await running;
  };
}
