import { describe, expect, it } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const sources = ['libs/*/src/**/*.ts', 'apps/*/src/**/*.ts'].flatMap((pattern) => globSync(pattern, { cwd: root }));

describe('docs/problems.md', () => {
  it('has a row for every kind of problem in the code, with its status', () => {
    const page = readFileSync(`${root}/docs/problems.md`, 'utf8');
    const rows = new Set(
      [...page.matchAll(/^\| `([a-z-]+)` +\| (\d{3})/gm)].map(([, kind, status]) => `${status} ${kind}`),
    );
    const kinds = sources
      .filter((file) => !file.endsWith('.spec.ts'))
      .flatMap((file) => [
        ...readFileSync(`${root}/${file}`, 'utf8').matchAll(
          /(?:Problem\(|super\(|^ {2})(\d{3})(?:, |: \[)'([a-z-]+)'/gm,
        ),
      ])
      .map(([, status, kind]) => `${status} ${kind}`);
    expect(kinds.length).toBeGreaterThan(20);
    expect(kinds.filter((kind) => !rows.has(kind))).toEqual([]);
  });
});
