import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnGuarded, stopProcess } from '@orderflow/local';
import { root } from '../../../ops/src/demo/running-system.ts';
import type { Check, Mutant } from './mutant.ts';

// A mutant may wait for ever. No check takes so long that is green.
const TEST_TIMEOUT_MS = 30_000;
const TIMEOUT_MS = 180_000;

/** What became of one test. */
export interface Verdict {
  /** `missing`: it did not run at all. */
  status: 'passed' | 'failed' | 'missing';
  /** Why, where it failed. */
  failure: string;
}

/** What of `--json` is read here: https://jestjs.io/docs/cli#--json */
interface Results {
  testResults: {
    name: string;
    message: string;
    assertionResults: { title: string; status: string; failureMessages: string[] }[];
  }[];
}

/**
 * Runs these tests, on the source as it is or on that of a mutant.
 * @returns a verdict for each, in their order
 */
export async function verdictsOf(
  checks: readonly Check[],
  env: NodeJS.ProcessEnv,
  mutant?: Mutant,
): Promise<Verdict[]> {
  const dir = mkdtempSync(join(tmpdir(), 'orderflow-mutant-'));
  try {
    const results = await runJest(checks, join(dir, 'results.json'), {
      ...env,
      ...Object.assign({}, ...checks.map((check) => check.env)),
      MUTATION: mutant ? JSON.stringify({ file: join(root, mutant.file), edits: mutant.edits }) : '',
    });
    return checks.map((check) => verdictOf(check, results));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function runJest(checks: readonly Check[], output: string, env: NodeJS.ProcessEnv): Promise<Results> {
  const names = checks.map(({ name }) => `(^| )${name.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&')}$`);
  const files = [...new Set(checks.map(({ file }) => join(root, file)))];
  const child = spawnGuarded(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      'node_modules/jest/bin/jest.js',
      '--config=tests/mutation/src/jest.config.mjs',
      '--runInBand',
      '--forceExit',
      '--json',
      `--outputFile=${output}`,
      `--testNamePattern=${names.join('|')}`,
      ...(env['MUTATION'] ? [`--testTimeout=${TEST_TIMEOUT_MS}`] : []),
      '--runTestsByPath',
      ...files,
    ],
    { cwd: root, stdio: 'ignore', env },
  );
  const tooLong = setTimeout(() => void stopProcess(child, 'SIGKILL'), TIMEOUT_MS);
  await once(child, 'close');
  clearTimeout(tooLong);
  try {
    return JSON.parse(readFileSync(output, 'utf8')) as Results;
  } catch {
    return { testResults: [] };
  }
}

function verdictOf({ file, name }: Check, { testResults }: Results): Verdict {
  const found = testResults.find((it) => it.name === join(root, file));
  const test = found?.assertionResults.find((it) => it.title === name);
  if (test?.status === 'passed') return { status: 'passed', failure: '' };
  if (test?.status === 'failed') return { status: 'failed', failure: test.failureMessages.join('\n') };
  return { status: 'missing', failure: found?.message ?? 'jest gave no results' };
}
