import { setImmediate } from 'node:timers/promises';
import { describe } from '@jest/globals';
import { MemoryBroker } from '../src/memory/broker.js';
import { MemoryDatabase } from '../src/memory/database.js';
import { MemoryService } from '../src/memory/store.js';
import { type Action, idle, Process, Scheduler } from '../src/scheduler.js';
import { isABroker } from './broker-contract.js';
import { isAStore } from './store-contract.js';

/** Runs every possible action, the oldest first, so that memory behaves like a real server. @returns a function that stops it */
function pump(scheduler: Scheduler, broker?: MemoryBroker): () => Promise<void> {
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

describe('the store in memory', () => {
  isAStore(async () => {
    const scheduler = new Scheduler();
    const service = new MemoryService(new MemoryDatabase(scheduler), () => Date.now());
    const stop = pump(scheduler);
    const [one, two] = ['one', 'two'].map((name) => service.of(new Process(name)));
    return { one: one!, two: two!, end: stop };
  });
});

describe('the broker in memory', () => {
  isABroker(async () => {
    const scheduler = new Scheduler();
    const broker = new MemoryBroker(scheduler, () => Date.now());
    return { prefix: '', connect: () => broker.of(new Process('client')), end: pump(scheduler, broker) };
  });
});
