import { expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');

/** Runs a step with this code as its command, then prints the answer of a program. */
function runStep(code: string) {
  const program = `
    import { step } from './scripts/steps.mjs';
    await step('Building', process.execPath, ['-e', ${JSON.stringify(code)}], { cwd: '.' }).catch(() => process.exit(1));
    console.log('token');`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: root,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

it('the progress of a first run is no part of what a program prints: TOKEN=$(npm run -s token ...)', () => {
  const { stdout, stderr } = runStep('console.log("output")');
  expect(stdout).toBe('token\n');
  expect(stderr).toMatch(/^Building \.\.\.\nBuilding: done, [\d.]+ s\n$/);
});

it('nor is the output of a step that failed', () => {
  const { status, stdout, stderr } = runStep('console.log("reason"); process.exit(1)');
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/Building: FAILED, .*reason/s);
});
