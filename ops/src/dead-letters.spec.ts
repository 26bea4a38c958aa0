import { expect, it } from '@jest/globals';
import { main } from './dead-letters.ts';

// Otherwise an operator would take the answer about everything, or about nothing, for the one about what was meant.
it.each([
  [['list', 'inventory'], 'Unexpected inventory: list takes options alone, such as --service inventory.'],
  [['log', 'payments'], 'Unexpected payments: log takes options alone, such as --service inventory.'],
  [['list', '--limit', '0'], '--limit 0 is not a whole number from 1 on.'],
  [['list', '--calls', '--limit', '1.5'], '--limit 1.5 is not a whole number from 1 on.'],
  [['log', '--limit', 'all'], '--limit all is not a whole number from 1 on.'],
  [['retry', '--all', '--limit', '0'], '--limit 0 is not a whole number from 1 on.'],
])('orderflow dead-letters %j is refused before a service is asked', async (args, reason) => {
  await expect(main(args)).rejects.toThrow(reason);
});
