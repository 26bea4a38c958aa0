/**
 * `npm test`: the checks, then unit, integration and end-to-end tests on real parts, which are started once for all of them.
 * `npm test -- <pattern>`: only the test files whose path matches.
 */
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  freeInfrastructurePorts,
  hasEnded,
  reasonOf,
  removeInfrastructure,
  spawnGuarded,
  startInfrastructure,
  stopAll,
  stopProcess,
  type Infrastructure,
} from '@orderflow/local';

type Level = 'unit' | 'int' | 'e2e';
type Child = ReturnType<typeof spawnGuarded>;

const CHECKS = {
  format: 'check:format',
  lint: 'check:lint',
  boundaries: 'check:boundaries',
  types: 'check:types',
  alerts: 'check:alerts',
  mutants: 'check:mutants',
};
const LEVELS: readonly Level[] = ['unit', 'int', 'e2e'];
// Two at a time for what is pure; the rest shares one broker and one database, and measures time.
const WORKERS: Record<Level, string> = { unit: '--maxWorkers=2', int: '--runInBand', e2e: '--runInBand' };
// Jest waits for ever for a socket that a test has left open.
const END_TIMEOUT_MS = 20_000;

const patterns = process.argv.slice(2);
const dir = mkdtempSync(join(tmpdir(), 'orderflow-test-'));
// A temporary folder is closed to others, and as root PostgreSQL runs as another user.
chmodSync(dir, 0o755);

let passed = 0;
let failed = 0;
let interrupted = false;
let infrastructure: Infrastructure | undefined;

function count(name: string, ok: boolean, since: number, output = ''): void {
  // What was ended by us has not failed.
  if (interrupted) return;
  if (ok) passed += 1;
  else failed += 1;
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name}, ${((Date.now() - since) / 1000).toFixed(1)} s`);
  if (!ok && output !== '') console.log(output);
  // A tool that is not on this machine: that must be seen, or nobody knows that something was left out.
  if (ok) for (const line of output.split('\n')) if (line.startsWith('Not checked')) console.log(line);
}

function start(command: string, args: readonly string[], stdio: 'pipe' | 'inherit', env: NodeJS.ProcessEnv): Child {
  if (interrupted) throw new Error('interrupted');
  return spawnGuarded(command, args, { stdio: ['ignore', stdio, stdio], env });
}

async function runCheck(name: string, script: string): Promise<void> {
  const since = Date.now();
  const child = start('npm', ['run', '--silent', script], 'pipe', process.env);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  count(name, code === 0, since, output);
}

function jest(args: readonly string[], stdio: 'pipe' | 'inherit', env: NodeJS.ProcessEnv = process.env): Child {
  const node = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
  return start(
    process.execPath,
    [...node, ...args, ...(patterns.length > 0 ? ['--testPathPatterns', ...patterns] : [])],
    stdio,
    env,
  );
}

async function filesOf(level: Level): Promise<string[]> {
  const child = jest(['--listTests', '--json', `--selectProjects=${level}`], 'pipe');
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await once(child, 'close');
  return JSON.parse(output.slice(output.indexOf('['))) as string[];
}

/** What of `--json` is read here: https://jestjs.io/docs/cli#--json */
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

async function runLevel(level: Level, env: NodeJS.ProcessEnv): Promise<void> {
  const since = Date.now();
  const results = join(dir, `${level}.json`);
  const child = jest(
    [`--selectProjects=${level}`, WORKERS[level], '--json', `--outputFile=${results}`],
    'inherit',
    env,
  );
  if (!(await ended(child, results))) count(`${level}: jest did not end, a test leaves something open`, false, since);
  if (!existsSync(results)) return count(`${level}: jest gave no results`, false, since);
  const json = JSON.parse(readFileSync(results, 'utf8')) as Results;
  passed += json.numPassedTests;
  failed += json.numFailedTests;
  if (json.numPendingTests > 0) console.log(`${level}: ${json.numPendingTests} skipped`);
  // A file that cannot even be loaded has no failed tests, and is the worst failure.
  const broken = json.testResults.filter((it) => it.status === 'failed' && it.assertionResults.length === 0);
  for (const { name } of broken) count(`${level}: ${name} does not run`, false, since);
  const explained = json.numFailedTests + broken.length > 0;
  if (child.exitCode !== 0 && child.signalCode === null && !explained) count(`${level}: jest failed`, false, since);
}

async function infrastructureEnv(): Promise<NodeJS.ProcessEnv | undefined> {
  const since = Date.now();
  try {
    infrastructure = await startInfrastructure({ dir, ports: await freeInfrastructurePorts() });
    const { databaseUrl, kafkaBrokers, schemaRegistryUrl } = infrastructure;
    console.log(`PostgreSQL, Kafka and the schema registry are up, ${((Date.now() - since) / 1000).toFixed(1)} s`);
    return {
      ...process.env,
      DATABASE_URL: databaseUrl,
      KAFKA_BROKERS: kafkaBrokers,
      SCHEMA_REGISTRY_URL: schemaRegistryUrl,
    };
  } catch (error) {
    count('start PostgreSQL, Kafka and the schema registry', false, since, reasonOf(error));
    return undefined;
  }
}

async function runLevels(): Promise<void> {
  let env: NodeJS.ProcessEnv | undefined;
  for (const level of LEVELS) {
    if ((await filesOf(level)).length === 0) {
      // With a pattern, a level without a match is what was asked for.
      if (patterns.length === 0) count(`${level}: there are no tests`, false, Date.now());
      continue;
    }
    if (level !== 'unit') env ??= await infrastructureEnv();
    if (level !== 'unit' && env === undefined) return;
    await runLevel(level, env ?? process.env);
  }
}

async function run(): Promise<void> {
  if (patterns.length === 0) for (const [name, script] of Object.entries(CHECKS)) await runCheck(name, script);
  await runLevels();
  if (passed + failed === 0) count(`no test file matches ${patterns.join(' ')}`, false, Date.now());
  await infrastructure?.stop();
}

const running = run();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    interrupted = true;
    void stopAll();
  });
}

try {
  await running;
} catch (error) {
  if (!interrupted) throw error;
} finally {
  await stopAll();
  await removeInfrastructure(dir);
}
if (!interrupted) console.log(`${passed} passed, ${failed} failed`);
process.exitCode = interrupted ? 130 : failed === 0 ? 0 : 1;
