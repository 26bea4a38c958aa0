import { expect, it } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');

// Node runs these from their sources, and so a parameter property or an enum ends them at their start. The compiler's
// `erasableSyntaxOnly` would judge the libraries as well, which are built before they run.
const programs = globSync(
  [
    '{ops,bench,scripts}/**/*.ts',
    'tests/{alerts,budgets,chaos,invariants,mutation,supply}/src/**/*.ts',
    'libs/local/test/*.ts',
  ],
  { cwd: root, exclude: ['**/node_modules/**', '**/dist/**', 'bench/peers/**', '**/*.spec.ts'] },
).toSorted();

it('finds the programs', () => {
  expect(programs).toEqual(expect.arrayContaining(['ops/src/orderflow.ts', 'scripts/start.ts', 'bench/src/bench.ts']));
});

it.each(programs)('Node runs a program without a build: %s', (program) => {
  expect(() => stripTypeScriptTypes(readFileSync(join(root, program), 'utf8'))).not.toThrow();
});
