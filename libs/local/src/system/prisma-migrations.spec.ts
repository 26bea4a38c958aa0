import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

const prisma = join(import.meta.dirname, '../../../../prisma');

const createdIn = (sql: string, what: 'TABLE' | 'INDEX'): RegExpExecArray[] => [
  ...sql.matchAll(
    what === 'TABLE'
      ? /^CREATE TABLE (?:IF NOT EXISTS )?(\w+)/gim
      : /^CREATE (?:UNIQUE )?INDEX (CONCURRENTLY )?\w+ ON (\w+)/gim,
  ),
];

/** Migrations that build an index on a table that may be large, and hold up writes to it meanwhile. */
function holdingUpWrites(): string[] {
  const found = new Set<string>();
  for (const database of readdirSync(prisma)) {
    for (const name of readdirSync(join(prisma, database, 'migrations'))) {
      const sql = readFileSync(join(prisma, database, 'migrations', name, 'migration.sql'), 'utf8');
      const fresh = createdIn(sql, 'TABLE').map(([, table]) => table);
      for (const [, concurrently, table] of createdIn(sql, 'INDEX'))
        if (concurrently === undefined && !fresh.includes(table)) found.add(name);
    }
  }
  return [...found].toSorted();
}

// These were released before migrations could do otherwise, and a released one is not edited.
const RELEASED = [
  '20261121000000_unsettled_orders',
  '20261130000100_decided_orders',
  '20261130000400_parked',
  '20261130000500_inbox_purge',
  '20261130010000_journal_by_type',
  '20261130070000_reasons',
];

it('a new migration builds an index on a table that is there already concurrently', () => {
  expect(holdingUpWrites()).toEqual(RELEASED);
});
