import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { kafkaRights } from '@orderflow/contracts';
import { rightsTable } from './rights-table.ts';

it('a right is a row, and a prefix ends with a star', () => {
  const table = rightsTable([
    { principal: 'orders', operation: 'write', resource: 'topic', match: 'literal', names: ['a', 'b'] },
    { principal: 'ops', operation: 'read', resource: 'group', match: 'prefixed', names: ['audit.'] },
  ]);
  expect(table).toEqual([
    '| principal | right       | topics or groups |',
    '| --------- | ----------- | ---------------- |',
    '| `orders`  | write topic | `a`, `b`         |',
    '| `ops`     | read group  | `audit.*`        |',
  ]);
});

it('docs/security.md has the table of the saga', () => {
  const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'security.md'), 'utf8');
  expect(page).toContain(rightsTable(kafkaRights).join('\n'));
});
