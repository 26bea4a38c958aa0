import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { spawnGuarded } from '@orderflow/local';
import { endOf } from './run.js';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'orderflow-run-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

it('a run that has written its results and does not end is ended long before its limit', async () => {
  const results = join(dir, 'results.json');
  const script = `require('node:fs').writeFileSync(${JSON.stringify(results)}, '{}'); setInterval(() => {}, 1_000);`;
  const child = spawnGuarded(process.execPath, ['-e', script]);
  await endOf(child, results, { timeoutMs: 600_000, exitMs: 100 });
  expect(child.signalCode).toBe('SIGKILL');
});
