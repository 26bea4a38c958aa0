import { describe, expect, it } from '@jest/globals';
import { untilGroupsAreServed } from './kafka-probe.js';

/** Rejects with these errors, one at a time, then resolves. */
function failing(...errors: readonly Error[]) {
  const left = [...errors];
  return async () => {
    const error = left.shift();
    if (error) throw error;
    return Promise.resolve();
  };
}

const notYet = new Error('The group coordinator is not available');

describe('the first start on a fresh broker', () => {
  it('asks again while the broker has no coordinator yet', async () => {
    await expect(untilGroupsAreServed(failing(notYet, new AggregateError([notYet])))).resolves.toBeUndefined();
  });

  it('ends at once when no broker is there', async () => {
    const refused = new Error('connect ECONNREFUSED');
    await expect(untilGroupsAreServed(failing(refused))).rejects.toBe(refused);
  });

  it('ends when a coordinator does not come in time', async () => {
    await expect(untilGroupsAreServed(failing(notYet), 0)).rejects.toBe(notYet);
  });
});
