import { describe } from '@jest/globals';
import { MemoryBroker } from '../src/memory/broker.js';
import { Process, Scheduler } from '../src/scheduler.js';
import { isABroker } from './broker-contract.js';
import { pump } from './pump.js';

describe('the broker in memory', () => {
  isABroker(async () => {
    const scheduler = new Scheduler();
    const broker = new MemoryBroker(scheduler, () => Date.now());
    return { prefix: '', connect: () => broker.of(new Process('client')), end: pump(scheduler, broker) };
  });
});
