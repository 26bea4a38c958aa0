/**
 * Runs the checks and tests. PostgreSQL, Kafka and a schema registry are started once for all tests that need them.
 *   npm test                  checks, unit and integration tests, a short simulation, the quick end-to-end tests
 *   npm run verify            the rest: the whole simulation, the other end-to-end tests, a short fault run, mutation, a quick benchmark
 *   npm test -- <pattern>...  every test file whose path matches, whichever of the two it belongs to
 *     --postgres 16 | 17 | <URL>           with another PostgreSQL
 *     --registry apicurio-3.3 | <URL>      with another schema registry, e.g. http://localhost:8081
 */
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import {
  hasEnded,
  isEnding,
  temporaryFolder,
  TemporaryStack,
  reasonOf,
  runAndClean,
  SetupError,
  spawnGuarded,
  stopProcess,
} from '@orderflow/local';
import { otherParts } from './parts/other-parts.ts';

type Level = 'unit' | 'int' | 'e2e';
type Child = ReturnType<typeof spawnGuarded>;

interface Plan {
  /** npm scripts that run before the tests, by the name that is printed. */
  readonly checks: Readonly<Record<string, string>>;
  readonly includes: (level: Level, file: string) => boolean;
  readonly env: NodeJS.ProcessEnv;
  /** npm scripts that run after the tests, the addresses of the same PostgreSQL, Kafka and registry in their environment. */
  readonly proofs: Readonly<Record<string, string>>;
}

const root = join(import.meta.dirname, '..');
const quickEndToEnd = (JSON.parse(readFileSync(join(root, 'tests/e2e/quick.json'), 'utf8')) as string[]).map(
  (name) => `tests/e2e/src/${name}`,
);
const isSimulation = (file: string): boolean => /^tests\/simulation\/src\/(safety|liveness)\.spec\.ts$/.test(file);

const quick: Plan = {
  checks: {
    format: 'check:format',
    lint: 'check:lint',
    types: 'check:types',
    boundaries: 'check:boundaries',
    'alert rules': 'check:alerts',
    'packages of others': 'check:supply',
  },
  includes: (level, file) => level !== 'e2e' || quickEndToEnd.includes(file),
  env: { SIMULATION_RUNS: '4000' },
  proofs: {},
};
const rest: Plan = {
  checks: { 'known vulnerabilities': 'check:advisories' },
  includes: (level, file) => (level === 'e2e' ? !quickEndToEnd.includes(file) : isSimulation(file)),
  env: {},
  // The benchmark last: it is long, and starts a PostgreSQL and a Kafka of its own.
  proofs: { mutation: 'mutation', 'benchmark, for correctness only': 'bench:quick' },
};

const LEVELS: readonly Level[] = ['unit', 'int', 'e2e'];
// Every integration test has databases and topics of its own; end-to-end tests measure time on five services each.
const WORKERS: Record<Level, string> = { unit: '--maxWorkers=2', int: '--maxWorkers=2', e2e: '--runInBand' };
// Jest waits without a limit for a socket that a test has left open.
const END_TIMEOUT_MS = 20_000;

const { values, positionals } = parseArgs({
  options: { rest: { type: 'boolean', default: false }, postgres: { type: 'string' }, registry: { type: 'string' } },
  allowPositionals: true,
});
const plan = values.rest ? rest : quick;
const patterns = positionals.map((pattern) => new RegExp(pattern.replace(/^\.\//, ''), 'i'));
const hasPatterns = patterns.length > 0;
const folder = temporaryFolder('test');

let passed = 0;
let failed = 0;
let stack: TemporaryStack | undefined;

const secondsSince = (since: number): string => `${((Date.now() - since) / 1000).toFixed(1)} s`;

function count(name: string, ok: boolean, since: number, output = ''): void {
  if (isEnding()) return;
  if (ok) passed += 1;
  else failed += 1;
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name}, ${secondsSince(since)}`);
  if (!ok && output !== '') console.log(output);
  // A check that needs a tool which is missing here must be visible although it passes.
  if (ok) for (const line of output.split('\n')) if (line.startsWith('Not checked')) console.log(line);
}

function start(command: string, args: readonly string[], stdio: 'pipe' | 'inherit', env: NodeJS.ProcessEnv): Child {
  if (isEnding()) throw new Error('interrupted');
  return spawnGuarded(command, args, { cwd: root, stdio: ['ignore', stdio, stdio], env });
}

async function outputOf(child: Child): Promise<{ code: number | null; output: string }> {
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

async function runScripts(scripts: Readonly<Record<string, string>>, stdio: 'pipe' | 'inherit'): Promise<void> {
  for (const [name, script] of Object.entries(scripts)) {
    const since = Date.now();
    const { code, output } = await outputOf(start('npm', ['run', '--silent', script], stdio, environment()));
    count(name, code === 0, since, output);
  }
}

function environment(): NodeJS.ProcessEnv {
  const env = { ...plan.env, ...process.env };
  if (stack === undefined) return env;
  const { databaseUrl, kafkaBrokers, schemaRegistryUrl } = stack.infrastructure;
  const parts = { DATABASE_URL: databaseUrl, KAFKA_BROKERS: kafkaBrokers, SCHEMA_REGISTRY_URL: schemaRegistryUrl };
  // One test searches the files of the topics.
  return { ...env, ...parts, KAFKA_LOG_DIR: join(stack.dir, 'kafka', 'logs') };
}

function jest(level: Level, args: readonly string[], stdio: 'pipe' | 'inherit'): Child {
  const node = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
  return start(process.execPath, [...node, `--selectProjects=${level}`, ...args], stdio, environment());
}

/** The test files of a level that are to run, relative to the root. */
async function filesOf(level: Level): Promise<string[]> {
  const { output } = await outputOf(jest(level, ['--listTests', '--json'], 'pipe'));
  const files = JSON.parse(output.slice(output.indexOf('['), output.lastIndexOf(']') + 1)) as string[];
  return files
    .map((file) => relative(root, file))
    .filter((file) => (hasPatterns ? patterns.some((it) => it.test(file)) : plan.includes(level, file)));
}

/** The part of jest's `--json` that is read here: https://jestjs.io/docs/cli#--json */
interface Results {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  testResults: { name: string; status: string; assertionResults: unknown[] }[];
}

async function ended(child: Child, results: string): Promise<boolean> {
  while (!hasEnded(child)) {
    await sleep(200);
    if (!existsSync(results) || Date.now() - statSync(results).mtimeMs < END_TIMEOUT_MS) continue;
    await stopProcess(child, 'SIGKILL');
    return false;
  }
  return true;
}

async function runLevel(level: Level, files: readonly string[]): Promise<void> {
  const since = Date.now();
  const results = join(folder, `${level}.json`);
  const args = [WORKERS[level], '--json', `--outputFile=${results}`, '--runTestsByPath', ...files];
  const child = jest(level, args, 'inherit');
  if (!(await ended(child, results))) count(`${level}: jest did not end, a test leaves something open`, false, since);
  if (!existsSync(results)) return count(`${level}: jest gave no results`, false, since);
  const json = JSON.parse(readFileSync(results, 'utf8')) as Results;
  passed += json.numPassedTests;
  failed += json.numFailedTests;
  console.log(`${level}: ${json.numPassedTests} passed, ${json.numPendingTests} skipped, ${secondsSince(since)}`);
  // A file that cannot be loaded has no failed tests.
  const broken = json.testResults.filter((it) => it.status === 'failed' && it.assertionResults.length === 0);
  for (const { name } of broken) count(`${level}: ${name} does not run`, false, since);
  const explained = json.numFailedTests + broken.length > 0;
  if (child.exitCode !== 0 && child.signalCode === null && !explained) count(`${level}: jest failed`, false, since);
}

async function startStack(): Promise<boolean> {
  const since = Date.now();
  try {
    stack ??= await TemporaryStack.start('test', { reuse: await otherParts(values) });
    console.log(`PostgreSQL, Kafka and the schema registry are up, ${secondsSince(since)}`);
    return true;
  } catch (error) {
    count('start PostgreSQL, Kafka and the schema registry', false, since, reasonOf(error));
    return false;
  }
}

async function runLevels(): Promise<void> {
  for (const level of LEVELS) {
    const files = await filesOf(level);
    if (files.length === 0) continue;
    if (level !== 'unit' && stack === undefined && !(await startStack())) return;
    await runLevel(level, files);
  }
}

await runAndClean(async () => {
  const missing = quickEndToEnd.find((file) => !existsSync(join(root, file)));
  if (missing !== undefined) throw new SetupError(`tests/e2e/quick.json names ${missing}, which does not exist.`);
  if (!hasPatterns) await runScripts(plan.checks, 'pipe');
  await runLevels();
  if (!hasPatterns) await runScripts(plan.proofs, 'inherit');
  if (passed + failed === 0) count(`no test file matches ${positionals.join(' ')}`, false, Date.now());
  await stack?.stop();
  if (!isEnding()) console.log(`${passed} passed, ${failed} failed`);
  return failed === 0;
});
