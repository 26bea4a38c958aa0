import { expect, it } from '@jest/globals';
import type { Workload } from '../workloads.ts';
import { drainBacklog } from './backlog.ts';
import type { Run } from './run.ts';

it('a system whose inventory cannot be stopped by itself has no figures of a backlog', async () => {
  const run = { system: { services: ['orders'] } } as unknown as Run;
  expect(await drainBacklog(run, {} as Workload, { orders: 10, concurrency: 2 })).toEqual({});
});
