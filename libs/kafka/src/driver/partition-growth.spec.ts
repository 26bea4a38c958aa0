import { expect, it } from '@jest/globals';
import type { Admin } from 'kafkajs';
import { setImmediate as turn } from 'node:timers/promises';
import { growTopics } from './partition-growth.js';

it('a request that fails ends the growth only once the others over its connection have ended', async () => {
  const failure = new Error('no such group');
  const offsets = Promise.withResolvers<[]>();
  const admin = {
    listGroups: async () => Promise.reject(failure),
    fetchTopicOffsets: async () => offsets.promise,
  } as unknown as Admin;
  let isOver = false;
  const reason = growTopics(admin, ['t'], new Map([['t', 6]]), 9)
    .catch((error: unknown) => error)
    .finally(() => (isOver = true));
  await turn();
  expect(isOver).toBe(false);
  offsets.resolve([]);
  expect(await reason).toBe(failure);
});
