import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnGuarded, stopProcess } from '@orderflow/local';
import { type Proof, root } from './guards.ts';

// A mutant may wait for ever. No test takes so long that passes.
const TEST_TIMEOUT_MS = 30_000;
// Only for a mutant that holds up jest itself: a run that is cut off proves nothing, and a slow machine needs its time.
const TIMEOUT_MS = 600_000;
// All tests one after another.
const UNMUTATED_TIMEOUT_MS = 3_600_000;

/** What became of one test. */
export interface Verdict {
  /** `missing`: it did not run. */
  readonly status: 'passed' | 'failed' | 'missing';
  /** Why, where it did not pass. */
  readonly failure: string;
}

/** What is read of `--json`: https://jestjs.io/docs/cli#--json */
interface Results {
  readonly testResults: {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: { title: string; status: string; failureMessages: string[] }[];
  }[];
}

/**
 * Runs these tests.
 * @param sources what is read in place of files of the repository, by absolute path
 * @returns a verdict for each test, in their order
 */
export async function verdictsOf(
  tests: readonly Proof[],
  env: NodeJS.ProcessEnv,
  sources?: Readonly<Record<string, string>>,
): Promise<Verdict[]> {
  const dir = mkdtempSync(join(tmpdir(), 'orderflow-mutant-'));
  try {
    const mutated = join(dir, 'mutated.json');
    if (sources) writeFileSync(mutated, JSON.stringify(sources));
    const args = sources ? [`--testTimeout=${TEST_TIMEOUT_MS}`] : [];
    const output = join(dir, 'results.json');
    const timeoutMs = sources ? TIMEOUT_MS : UNMUTATED_TIMEOUT_MS;
    await runJest(tests, [...args, `--outputFile=${output}`], timeoutMs, { ...env, MUTATED: sources ? mutated : '' });
    return tests.map((test) => verdictOf(test, output));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function runJest(
  tests: readonly Proof[],
  args: readonly string[],
  timeoutMs: number,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const titles = tests.map(({ title }) => `(^| )${title.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&')}$`);
  const child = spawnGuarded(
    process.execPath,
    [
      '--experimental-vm-modules',
      // Work that a mutant no longer waits for may fail after its test. The test itself is to fail, and not jest.
      '--unhandled-rejections=warn',
      '--disable-warning=ExperimentalWarning',
      'node_modules/jest/bin/jest.js',
      '--config=tests/mutation/src/jest.config.mjs',
      '--runInBand',
      '--forceExit',
      '--json',
      ...args,
      `--testNamePattern=${titles.join('|')}`,
      '--runTestsByPath',
      ...new Set(tests.map(({ file }) => join(root, file))),
    ],
    { cwd: root, stdio: 'ignore', env },
  );
  const tooLong = setTimeout(() => void stopProcess(child, 'SIGKILL'), timeoutMs);
  await once(child, 'close');
  clearTimeout(tooLong);
}

function verdictOf({ file, title }: Proof, output: string): Verdict {
  const results = resultsIn(output)?.testResults.find(({ name }) => name === join(root, file));
  const test = results?.assertionResults.find((it) => it.title === title);
  if (test?.status === 'passed') return { status: 'passed', failure: '' };
  if (test?.status === 'failed') return { status: 'failed', failure: test.failureMessages.join('\n') };
  return { status: 'missing', failure: results?.message ?? 'jest gave no results' };
}

function resultsIn(file: string): Results | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Results;
  } catch {
    return undefined;
  }
}
