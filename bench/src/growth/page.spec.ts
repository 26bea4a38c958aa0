import { describe, expect, it } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { services, topics } from '@orderflow/contracts';

const root = join(import.meta.dirname, '../../..');
const page = readFileSync(join(root, 'docs/growth.md'), 'utf8');

/** The names in the first column of the table below a heading. */
const namedBelow = (heading: string): string[] => {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  return [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name!).toSorted();
};

const tablesIn = (pattern: string): string[] =>
  globSync(pattern, { cwd: root }).flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/@@map\("([^"]+)"\)/g)].map(([, name]) => name!),
  );

describe('the page about growth', () => {
  it('names every table that all services have', () => {
    expect(namedBelow('Tables of each service')).toEqual(tablesIn('prisma/orders/durable.prisma').toSorted());
  });

  it('names every table of a service', () => {
    const tables = services.flatMap((it) => tablesIn(`prisma/${it}/schema.prisma`).map((name) => `${it}.${name}`));
    expect(tables.length).toBeGreaterThan(services.length);
    expect(namedBelow('Tables of one service')).toEqual(tables.toSorted());
  });

  it('names every table of the console', () => {
    const sql = globSync('prisma/console/migrations/*/migration.sql', { cwd: root })
      .map((file) => readFileSync(join(root, file), 'utf8'))
      .join('\n');
    const tables = [...sql.matchAll(/^CREATE TABLE (\w+)/gm)].map(([, name]) => `console.${name}`);
    expect(namedBelow('Tables of the console')).toEqual(tables.toSorted());
  });

  it('names every topic', () => {
    expect(namedBelow('Topics')).toEqual(Object.keys(topics).toSorted());
  });
});
