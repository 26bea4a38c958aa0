/**
 * `npm start`: starts the whole system on this machine, places one order of each outcome, and runs until Ctrl-C.
 *   npm start -- --fresh   starts with empty data
 *   npm start -- --secure  TLS, logins and least rights between the parts; its data is apart from that of other runs
 *   npm start -- --once    ends after the orders; exit code 0 only if all of them ended as expected
 */
import { type ProgramName, serviceNames } from '@orderflow/client';
import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import {
  assertConsolePort,
  type ConfiguredAuth,
  configuredAuth,
  type Console,
  databaseUrlAs,
  endWhenOutputCloses,
  type Infrastructure,
  infrastructurePorts,
  keptSecrets,
  type PartName,
  portFrom,
  type Progress,
  reasonOf,
  removeInfrastructure,
  SetupError,
  signToken,
  startConsole,
  startInfrastructure,
  startSystem,
  startTimeOf,
  stopAll,
  type System,
  usualPorts,
} from '@orderflow/local';
import { readSettings } from '@orderflow/telemetry/otel-settings';
import { shellVariablesLine } from '@orderflow/postgres';
import { tokenOf } from '../ops/src/caller.ts';
import { EndedPrograms } from '../ops/src/demo/ended-programs.ts';
import { play } from '../ops/src/demo/play.ts';
import {
  dataFolder,
  findRunning,
  forgetRunning,
  noteRunning,
  type RunningSystem,
} from '../ops/src/demo/running-system.ts';
import { Timeline } from '../ops/src/demo/timeline.ts';
import { rulesOfTheDemo, welcome } from '../ops/src/demo/welcome.ts';

const began = Date.now();
const logs = join(dataFolder, 'logs');
// Kafka gets its users when its storage is made: plain data cannot become secure, nor the other way round.
const secureFolder = join(dataFolder, 'secure');
// Shorter than in production: the demo waits for an order that misses it.
const orderDeadlineSeconds = Number(process.env['ORDER_DEADLINE_SECONDS'] || 10);
// More than by default: with the short deadline, `npm run load` on a slow machine would be refused.
const intakePendingOrders = process.env['INTAKE_PENDING_ORDERS'] || '5000';
// The sandbox answers a charge of tok_timeout after the deadline.
const silenceSeconds = orderDeadlineSeconds + 2;
// It reads every topic: a machine without room for that leaves it out.
const hasConsole = process.env['CONSOLE'] !== 'off';
const { DATABASE_PREFIX: databasePrefix = '', TOPIC_PREFIX: topicPrefix = '' } = process.env;

// The console reads outboxes and dead letters for as long as it runs.
const CONSOLE_TOKEN_MINUTES = 365 * 24 * 60;

let infrastructure: Infrastructure | undefined;
let system: System | undefined;
let consoleService: Console | undefined;
let tokensBy: RunningSystem['tokensBy'];
let noted = false;
let up = false;

const names: Record<PartName, string> = { postgres: 'PostgreSQL', kafka: 'Kafka', registry: 'The schema registry' };
const print = (what: string) => console.log(`${((Date.now() - began) / 1000).toFixed(1).padStart(5)} s  ${what}`);

function printProgress({ part, state }: Progress): void {
  const words = { starting: 'starting', ready: 'ready', reused: 'runs elsewhere' };
  print(`${names[part]}: ${words[state]}`);
}

interface Options {
  readonly fresh: boolean;
  readonly once: boolean;
  readonly secure: boolean;
}

function readOptions(): Options {
  const no = { type: 'boolean', default: false } as const;
  try {
    return parseArgs({ options: { fresh: no, once: no, secure: no } }).values;
  } catch (error) {
    throw new SetupError(`${reasonOf(error)} The options are --fresh, --secure and --once.`);
  }
}

async function prepareFolder({ fresh, secure }: Options): Promise<void> {
  const other = findRunning();
  if (other !== undefined) {
    throw new SetupError(
      `The system is already running (process ${other.pid}): use it, or stop it with "kill ${other.pid}".`,
    );
  }
  const given = ['DATABASE_URL', 'KAFKA_BROKERS', 'SCHEMA_REGISTRY_URL'].find((name) => process.env[name]);
  if (secure && given)
    throw new SetupError(
      `--secure is about the built-in parts, and ${given} is set: unset it, or secure your own part by its settings (docs/parts.md).`,
    );
  if (fresh) {
    if (given)
      throw new SetupError(
        `--fresh removes the data of built-in parts only, and ${given} is set: unset it, or remove that data yourself.`,
      );
    await removeInfrastructure(secureFolder);
    if (!secure) await removeInfrastructure(dataFolder);
    print('The data of earlier runs is removed');
  }
  mkdirSync(logs, { recursive: true });
  // Checked first: a taken port would otherwise be found only after PostgreSQL and Kafka have started.
  await usualPorts(logs);
  if (hasConsole) await assertConsolePort(logs);
}

/** @throws SetupError where nothing here can sign the token with which the orders are placed */
async function knowCallers(): Promise<ConfiguredAuth> {
  const configured = await configuredAuth(dataFolder);
  if (configured.auth === 'off' || configured.tokenKey || process.env['ORDERFLOW_TOKEN']) return configured;
  throw new SetupError(
    "The keys of an identity provider are set, so npm start cannot sign a token for its orders: set ORDERFLOW_TOKEN to an operator's token of that provider.",
  );
}

const consoleTokenBy = async (tokenKey: ConfiguredAuth['tokenKey']): Promise<string | undefined> =>
  tokenKey === undefined
    ? process.env['CONSOLE_TOKEN']
    : signToken(tokenKey, { subject: 'console', role: 'operator', minutes: CONSOLE_TOKEN_MINUTES });

async function startAll({ auth, tokenKey }: ConfiguredAuth, secure: boolean): Promise<RunningSystem> {
  const ignored = shellVariablesLine();
  if (ignored !== undefined) print(ignored);
  const ports = Object.entries(infrastructurePorts).map(([name, { variable, usual }]) => [
    name,
    portFrom(variable, usual),
  ]);
  infrastructure = await startInfrastructure({
    dir: secure ? secureFolder : dataFolder,
    secure,
    ports: Object.fromEntries(ports) as Record<keyof typeof infrastructurePorts, number>,
    onProgress: printProgress,
    reuse: {
      databaseUrl: process.env['DATABASE_URL'] || undefined,
      database: `${databasePrefix}orders`,
      kafkaBrokers: process.env['KAFKA_BROKERS'] || undefined,
      schemaRegistryUrl: process.env['SCHEMA_REGISTRY_URL'] || undefined,
    },
  });
  // The services write the same to their logs.
  for (const note of readSettings(process.env).notes) print(`Traces: ${note}`);
  print(`Databases, topics and services: starting (logs in ${relative('', logs)}/<service>.log)`);
  system = await startSystem({
    infrastructure,
    databasePrefix,
    topicPrefix,
    secrets: await keptSecrets(dataFolder),
    auth,
    ports: 'default',
    log: logs,
    env: {
      orders: { ORDER_DEADLINE_SECONDS: String(orderDeadlineSeconds), INTAKE_PENDING_ORDERS: intakePendingOrders },
      sandbox: { SILENCE_SECONDS: String(silenceSeconds) },
    },
    onExit: noteEnd,
  });
  if (auth !== 'off') tokensBy = tokenKey === undefined ? 'provider' : 'orderflow';
  if (hasConsole) {
    const token = await consoleTokenBy(tokenKey);
    consoleService = await startConsole({
      infrastructure,
      databasePrefix,
      topicPrefix,
      auth,
      ...(token && { token }),
      log: logs,
      urls: system.urls,
      orderDeadlineSeconds,
      onExit: noteEnd,
    });
  }
  print('All services: ready');
  return describe(infrastructure, system);
}

const programs = new EndedPrograms({
  start: async (program) => (program === 'console' ? consoleService : system?.service(program))?.start(),
  // A restarted service has another process id.
  allRun: () => {
    if (infrastructure && system) noteRunning(describe(infrastructure, system));
  },
});

function noteEnd(program: ProgramName, how: string): void {
  programs.note(program);
  console.error(`${how} The other services continue; "kill -USR2 ${process.pid}" starts it again.`);
}

function describe(parts: Infrastructure, services: System): RunningSystem {
  const { databaseUrl, kafkaBrokers, schemaRegistryUrl, logins } = parts;
  const pids = Object.fromEntries(serviceNames.map((name) => [name, services.service(name).pid]));
  return {
    pid: process.pid,
    startTime: startTimeOf(process.pid) ?? '',
    databaseUrl: databaseUrlAs('ops', databaseUrl, logins),
    databasePrefix,
    kafkaBrokers,
    ...(logins && { logins }),
    schemaRegistryUrl,
    topicPrefix,
    orderDeadlineSeconds,
    urls: services.urls,
    ...(consoleService && { consoleUrl: consoleService.url }),
    ...(tokensBy && { tokensBy }),
    pids: { ...pids, ...(consoleService && { console: consoleService.pid }), ...parts.pids },
  };
}

async function run(): Promise<number> {
  const options = readOptions();
  await prepareFolder(options);
  const running = await startAll(await knowCallers(), options.secure);
  noteRunning(running);
  noted = true;
  console.log(`\n${rulesOfTheDemo(orderDeadlineSeconds, silenceSeconds)}`);
  const died = infrastructure?.died.then((how): never => {
    throw new SetupError(how);
  });
  const ok = await Promise.race([
    play({ ...running, token: await tokenOf({ role: 'operator' }) }, () => Timeline.start(running)),
    died,
  ]);
  if (options.once) return ok ? 0 : 1;
  console.log(welcome(running, relative('', logs), await tokenOf({ role: 'admin' })));
  up = true;
  return (await died) ?? 1;
}

async function stopInOrder(): Promise<void> {
  if (noted) forgetRunning();
  await consoleService?.stop();
  await system?.stop();
  await infrastructure?.stop();
  // Parts that were still starting.
  await stopAll();
}

// Registered before anything starts: without a listener the signal ends this process.
process.on('SIGUSR2', () => void programs.bringBack());

const interrupted = new Promise<number>((resolve) => {
  let stopping = false;
  // The system would run on without a terminal that says how to stop it.
  endWhenOutputCloses(() => resolve(130));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // The watchdog of libs/local then kills the remaining processes.
      if (stopping) process.exit(130);
      stopping = true;
      console.log('\nStopping; press Ctrl-C again to force it');
      resolve(up ? 0 : 130);
    });
  }
});

let code = 1;
try {
  code = await Promise.race([run(), interrupted]);
} catch (error) {
  console.error(reasonOf(error));
}
await stopInOrder();
if (infrastructure !== undefined) console.log('Stopped: no process is left');
process.exit(code);
