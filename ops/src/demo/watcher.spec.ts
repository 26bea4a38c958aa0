import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import type { Order, SystemClient } from '@orderflow/client';
import { ViewWatcher } from './watcher.ts';

let lines: string[];

beforeEach(() => {
  lines = [];
  jest.spyOn(console, 'log').mockImplementation((line: string) => lines.push(line));
});
afterEach(() => {
  jest.restoreAllMocks();
});

it('an order that cannot be read for a moment is asked for again', async () => {
  const placed = { status: 'placed', stock: 'pending', payment: 'pending', settled: false } as Order;
  const answers = [placed, new Error('the service answers 503'), { ...placed, status: 'confirmed', settled: true }];
  const client = {
    order: async () => {
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer;
    },
  } as unknown as SystemClient;
  const watcher = new ViewWatcher(client);
  watcher.watch('an order', Date.now());
  while (answers.length > 0) await new Promise(setImmediate);
  await watcher.stop();
  expect(lines).toEqual([
    expect.stringContaining('status placed, stock pending, payment pending, settled false'),
    expect.stringContaining('status confirmed, settled true'),
  ]);
});
