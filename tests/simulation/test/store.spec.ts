import { describe } from '@jest/globals';
import { MemoryService, MemoryStore } from '../src/memory/store.js';
import { Process, Scheduler } from '../src/scheduler.js';
import { pump } from './pump.js';
import { isAStore } from './store-contract.js';

describe('the store in memory', () => {
  isAStore(async () => {
    const scheduler = new Scheduler();
    const service = new MemoryService(scheduler, () => Date.now());
    const stop = pump(scheduler);
    const [one, two] = ['one', 'two'].map((name) => new MemoryStore(service, new Process(name)));
    return { one: one!, two: two!, end: stop };
  });
});
