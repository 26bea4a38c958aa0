import { expect, it } from '@jest/globals';
import { services } from '@orderflow/contracts';
import { databaseOf } from './peer-system.ts';

const namesOf = (own: Parameters<typeof databaseOf>[0]['services']) =>
  ([...services, 'sandbox'] as const).map((name) => databaseOf({ databasePrefix: 'r1_', services: own }, name));

it('each service of a peer has a database of its own', () => {
  expect(new Set(namesOf(services)).size).toBe(5);
});

it('a peer of one process has one database, beside that of the sandbox', () => {
  expect(namesOf(['orders'])).toEqual(['r1_orders', 'r1_orders', 'r1_orders', 'r1_orders', 'r1_sandbox']);
});
