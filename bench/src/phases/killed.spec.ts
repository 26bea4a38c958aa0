import { expect, it } from '@jest/globals';
import { services } from '@orderflow/contracts';
import { victimsOf } from './killed.ts';

it('every service is killed, but not the one that takes the orders', () => {
  expect(victimsOf({ services })).toEqual(['inventory', 'payments', 'notifications']);
});

it('a system of one process is killed as a whole', () => {
  expect(victimsOf({ services: ['orders'] })).toEqual(['orders']);
});
