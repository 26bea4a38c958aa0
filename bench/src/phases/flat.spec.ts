import { expect, it } from '@jest/globals';
import { isFlat } from './flat.ts';

it('a queue that filled at the beginning and stays so is flat', () => {
  expect(isFlat([0, 5, 20, 22, 19, 21, 20, 22, 18], 100)).toBe(true);
});

it('a queue that grows with the load is not flat', () => {
  expect(isFlat([0, 20, 40, 60, 80, 100, 120, 140, 160], 100)).toBe(false);
});

it('nothing is said of a queue that was seen less than three times', () => {
  expect(isFlat([0, 0], 100)).toBe(false);
});
