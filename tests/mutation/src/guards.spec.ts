import { describe, expect, it } from '@jest/globals';
import { byHand, inSimulation } from './by-hand.js';
import { findGuards, sourcesOf } from './guards.js';

const guards = findGuards();

describe('a guard', () => {
  it.each(Object.entries(byHand))('switched off by hand is marked, and so is its test: %s', (name, edit) => {
    const guard = guards.get(name)!;
    expect(guard.proofs).not.toEqual([]);
    expect(Object.keys(sourcesOf(name, guard, edit))).not.toEqual([]);
  });

  it('that the simulation proves is marked', () => {
    for (const [name, [, edit = byHand[name]!]] of Object.entries(inSimulation))
      expect(Object.keys(sourcesOf(name, guards.get(name)!, edit))).not.toEqual([]);
  });
});
