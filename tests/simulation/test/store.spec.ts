import { describe } from '@jest/globals';
import { MemoryDatabase } from '../src/memory/database.js';
import { MemoryService } from '../src/memory/store.js';
import { Process, Scheduler } from '../src/scheduler.js';
import { pump } from './pump.js';
import { isAStore } from './store-contract.js';

describe('the store in memory', () => {
  isAStore(async () => {
    const scheduler = new Scheduler();
    const service = new MemoryService(new MemoryDatabase(scheduler), () => Date.now());
    const stop = pump(scheduler);
    const [one, two] = ['one', 'two'].map((name) => service.of(new Process(name)));
    return { one: one!, two: two!, end: stop };
  });
});
