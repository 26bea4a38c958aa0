/**
 * Brings a checkout up to date before a program runs: packages, generated code, build, jars.
 * Plain JavaScript without dependencies: it runs on the machine's own Node before any package is installed.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { become, SetupError, step } from './steps.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const lockFile = join(root, 'package-lock.json');
const stampFile = join(root, 'node_modules', '.orderflow-lock');
const bundledNode = join(root, 'node_modules', '.bin', 'node');

// The first version that reads `.env` files.
const OLDEST_NODE = [20, 12];
const OLDEST_NODE_TO_RUN = [22, 15];
const OLDEST_JAVA = 17;

const isOlder = ([major, minor], [wantedMajor, wantedMinor]) =>
  major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
const ownNode = () => process.versions.node.split('.').map(Number);

function checkNode() {
  if (!isOlder(ownNode(), OLDEST_NODE)) return;
  throw new SetupError(
    `Node.js ${process.versions.node} is too old: install Node.js ${OLDEST_NODE.join('.')} or newer.`,
  );
}

const installJava = (parts) =>
  `install a JDK >= ${OLDEST_JAVA} with Maven${parts === 'missing' ? ', or set KAFKA_BROKERS and SCHEMA_REGISTRY_URL to your own' : ''}.`;

function checkJava(parts) {
  const home = process.env.JAVA_HOME;
  const command = home ? join(home, 'bin', 'java') : 'java';
  const { error, stderr } = spawnSync(command, ['-version'], { encoding: 'utf8' });
  if (error) throw new SetupError(`Java is missing ("${command}" does not run): ${installJava(parts)}`);
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(stderr) ?? [];
  // Java 8 calls itself "1.8.0".
  const version = Number(first === '1' ? second : first);
  if (version >= OLDEST_JAVA) return;
  throw new SetupError(`Java ${version || 'of unknown version'} ("${command}") is too old: ${installJava(parts)}`);
}

function checkMaven(parts) {
  const { error } = spawnSync('mvn', ['--version'], { shell: process.platform === 'win32', stdio: 'ignore' });
  if (error) throw new SetupError(`Maven is missing ("mvn" is not on PATH): ${installJava(parts)}`);
}

/** Runs `npm ...args` as one step. */
async function npm(label, ...args) {
  // The npm that runs this program may not be on PATH.
  const script = process.env.npm_execpath;
  const [command, ...before] = script?.endsWith('.js') ? [process.execPath, script] : ['npm'];
  await step(label, command, [...before, ...args], { cwd: root });
}

/** Whether an entry of the lock is meant for this platform. */
const isForThisPlatform = ({ os, cpu }) =>
  (!os || os.includes(process.platform)) && (!cpu || cpu.includes(process.arch));

/** Whether the packages that npm has installed are those of the lock, so that no `npm ci` is needed. */
function agreesWithLock() {
  const record = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages;
  const wanted = Object.entries(JSON.parse(readFileSync(lockFile, 'utf8')).packages);
  return wanted.every(([path, it]) => {
    if (!path.includes('node_modules/')) return true;
    // A package within one of another platform.
    const holder = path.slice(0, Math.max(0, path.lastIndexOf('/node_modules/')));
    if (it.optional && holder.includes('node_modules/') && !(holder in installed)) return true;
    if (it.optional && !(path in installed)) return Boolean(it.libc) || !isForThisPlatform(it);
    return installed[path]?.version === it.version;
  });
}

async function install() {
  const digest = createHash('sha256').update(readFileSync(lockFile)).digest('hex');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === digest) return;
  if (!agreesWithLock()) {
    const flags = ['--include=dev', '--include=optional', '--no-audit', '--no-fund'];
    await npm('Installing packages (npm ci)', 'ci', ...flags);
  }
  writeFileSync(stampFile, digest);
}

/** The Node that the system runs on: the one in node_modules, where it exists for this platform, else the user's own. */
function nodeToRun() {
  if (existsSync(bundledNode)) return bundledNode;
  if (!isOlder(ownNode(), OLDEST_NODE_TO_RUN)) return process.execPath;
  throw new SetupError(
    `Node.js ${process.versions.node} is too old to run the services, and no package provides a newer one for ${process.platform}-${process.arch}: install Node.js ${OLDEST_NODE_TO_RUN.join('.')} or newer.`,
  );
}

/**
 * Brings everything up to date and returns the path of the Node to run it with.
 * @param {'own' | 'missing' | 'none'} parts which of Kafka and the registry the program starts: both, those that the environment does not name, none
 */
async function bootstrap(parts) {
  const given = process.env.KAFKA_BROKERS && process.env.SCHEMA_REGISTRY_URL;
  const embedded = parts === 'own' || (parts === 'missing' && !given);
  if (embedded) checkJava(parts);
  if (embedded && !existsSync(join(root, '.cache'))) checkMaven(parts);
  await install();
  const node = nodeToRun();
  await npm('Generating code (npm run generate)', 'run', 'generate');
  await npm('Building (npm run build)', 'run', 'build');
  if (embedded) await step('Fetching Kafka and the schema registry (Maven)', node, ['scripts/fetch.ts'], { cwd: root });
  return node;
}

/** Whether this checkout has been built before. */
const isBuilt = () => existsSync(stampFile) && existsSync(join(root, 'libs', 'local', 'dist', 'index.js'));

/** Reads `.env`; variables of the environment win. */
function readDotEnv() {
  const file = join(root, '.env');
  if (existsSync(file)) process.loadEnvFile(file);
}

/**
 * Brings the checkout up to date, then runs a TypeScript program in place of this process.
 * @param options.parts see `bootstrap`; a program that starts all parts itself does not read `.env`
 * @param options.onceOnly skip the update where the checkout has been built before
 */
export async function bootstrapAndRun(program, args, { parts, onceOnly = false }) {
  const end = (error) => {
    if (error.code !== 'EPIPE') throw error;
    // The reader has ended, as `npm start | head` does: what runs is ended as by a signal.
    process.kill(process.pid, 'SIGTERM');
  };
  for (const stream of [process.stdout, process.stderr]) stream.on('error', end);
  try {
    checkNode();
    if (parts !== 'own') readDotEnv();
    const node = onceOnly && isBuilt() ? nodeToRun() : await bootstrap(parts);
    process.exitCode = await become(node, ['--import', './scripts/tether.mjs', program, ...args], { cwd: root });
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    if (error.message) console.error(error.message);
    process.exitCode = 1;
  }
}
