import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { EndedPrograms } from './ended-programs.ts';

let printed: jest.SpiedFunction<typeof console.log>;
let refused: jest.SpiedFunction<typeof console.error>;
beforeEach(() => {
  printed = jest.spyOn(console, 'log').mockImplementation(() => undefined);
  refused = jest.spyOn(console, 'error').mockImplementation(() => undefined);
});
afterEach(() => void jest.restoreAllMocks());

it('a program that ended is started again once, also where two signals come at once', async () => {
  const started: string[] = [];
  let isUp = true;
  const programs = new EndedPrograms({
    start: async (program) => {
      started.push(program);
      await new Promise(setImmediate);
      isUp = true;
    },
    // As the process id of a service that is just starting.
    allRun: () => {
      if (!isUp) throw new Error('the service orders is not running');
    },
  });
  programs.note('orders');
  isUp = false;
  await Promise.all([programs.bringBack(), programs.bringBack()]);
  expect(started).toEqual(['orders']);
  expect(printed.mock.calls).toEqual([['The service orders is running again']]);
  expect(refused.mock.calls).toEqual([]);
});

it('a program that does not start is tried again at the next signal', async () => {
  const noted: string[] = [];
  let tries = 0;
  const programs = new EndedPrograms({
    start: async () => {
      if ((tries += 1) === 1) throw new Error('port 3001 is taken');
    },
    allRun: () => void noted.push('all run'),
  });
  programs.note('orders');
  await programs.bringBack();
  expect([refused.mock.calls, noted]).toEqual([[['port 3001 is taken']], []]);
  await programs.bringBack();
  expect([tries, noted]).toEqual([2, ['all run']]);
});

it('what fails once all run is printed, and ends nothing', async () => {
  const programs = new EndedPrograms({
    start: async () => undefined,
    allRun: () => {
      throw new Error('no space left on device');
    },
  });
  await programs.bringBack();
  expect(refused.mock.calls).toEqual([['no space left on device']]);
});
