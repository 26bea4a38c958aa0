import { describe, expect, it } from '@jest/globals';
import { StatesByKey } from './states-by-key.js';

const loaded = new Map([
  ['a', { n: 1 }],
  ['b', { n: 2 }],
]);
const states = () =>
  new StatesByKey<{ n: number }, { key: string }>(
    loaded,
    ({ key }) => key,
    () => ({ n: 0 }),
  );

describe('the states of a batch', () => {
  it('are the loaded ones, replaced by those that were set, or else the initial state', () => {
    const set = states();
    set.set({ key: 'b' }, { n: 5 });
    expect(['a', 'b', 'c'].map((key) => set.get({ key }).n)).toEqual([1, 5, 0]);
  });

  it('list only the changed ones as changed', () => {
    const set = states();
    set.set({ key: 'a' }, set.get({ key: 'a' }));
    set.set({ key: 'b' }, { n: 5 });
    set.set({ key: 'c' }, { n: 6 });
    expect(set.changed()).toEqual([
      ['b', { n: 5 }],
      ['c', { n: 6 }],
    ]);
  });
});
