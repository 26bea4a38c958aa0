import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
// Jest ends once its results are written, unless Node.js deadlocks in process.exit: https://github.com/nodejs/node/issues/54918
const EXIT_MS = 5_000;
const POLL_MS = 250;

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
    const jest = spawnJest(tests, [...args, `--outputFile=${output}`], { ...env, MUTATED: sources ? mutated : '' });
    await endOf(jest, output, { timeoutMs, exitMs: EXIT_MS });
    return tests.map((test) => verdictOf(test, output));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function spawnJest(tests: readonly Proof[], args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  const titles = tests.map(({ title }) => `(^| )${title.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&')}$`);
  return spawnGuarded(
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
}

/**
 * Resolves once the child has ended: by itself, or by SIGKILL.
 * @param output where it writes its results, within `timeoutMs`; then it has `exitMs` to end
 */
export async function endOf(
  child: ChildProcess,
  output: string,
  { timeoutMs, exitMs }: { timeoutMs: number; exitMs: number },
): Promise<void> {
  const closed = once(child, 'close');
  let killAt = Date.now() + timeoutMs;
  const watch = setInterval(() => {
    if (existsSync(output)) killAt = Math.min(killAt, Date.now() + exitMs);
    if (Date.now() >= killAt) void stopProcess(child, 'SIGKILL');
  }, POLL_MS);
  await closed;
  clearInterval(watch);
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
    // Jest was cut off before it wrote them: the verdicts say so.
    return undefined;
  }
}
