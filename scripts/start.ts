/**
 * `npm start`: the whole system on this machine, one order of each outcome, then it stays up until Ctrl-C.
 *   npm start -- --fresh   begins with empty data
 *   npm start -- --once    ends after the orders; exit code 0 only if all ended as they should
 */
import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import {
  type Infrastructure,
  infrastructurePorts,
  type PartName,
  portFrom,
  type Progress,
  reasonOf,
  removeInfrastructure,
  type ServiceName,
  serviceNames,
  SetupError,
  startInfrastructure,
  startSystem,
  startTimeOf,
  stopAll,
  type System,
  usualPorts,
} from '@orderflow/local';
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
// Shorter than in production, so that nobody waits a minute for the order that misses it.
const orderDeadlineSeconds = Number(process.env['ORDER_DEADLINE_SECONDS'] || 10);
// Until then the sandbox keeps the answer of tok_timeout to itself.
const silenceSeconds = orderDeadlineSeconds + 2;
const { DATABASE_PREFIX: databasePrefix = '', TOPIC_PREFIX: topicPrefix = '' } = process.env;

let infrastructure: Infrastructure | undefined;
let system: System | undefined;
const ended = new Set<ServiceName>();
let noted = false;
let up = false;

const names: Record<PartName, string> = { postgres: 'PostgreSQL', kafka: 'Kafka', registry: 'The schema registry' };
const say = (what: string) => console.log(`${((Date.now() - began) / 1000).toFixed(1).padStart(5)} s  ${what}`);

function sayProgress({ part, state }: Progress): void {
  const words = { starting: 'starting', ready: 'ready', reused: 'runs elsewhere, and is used there' };
  say(`${names[part]}: ${words[state]}`);
}

function readOptions(): { fresh: boolean; once: boolean } {
  const options = { fresh: { type: 'boolean', default: false }, once: { type: 'boolean', default: false } } as const;
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    throw new SetupError(`${reasonOf(error)} It takes --fresh and --once.`);
  }
}

async function makeRoom(fresh: boolean): Promise<void> {
  const other = findRunning();
  if (other !== undefined) {
    throw new SetupError(
      `The system is up already (process ${other.pid}): use that one, or end it with "kill ${other.pid}".`,
    );
  }
  if (fresh) {
    const given = ['DATABASE_URL', 'KAFKA_BROKERS', 'SCHEMA_REGISTRY_URL'].find((name) => process.env[name]);
    if (given) throw new SetupError(`--fresh empties only parts of our own, and ${given} is set: empty yours by hand.`);
    await removeInfrastructure(dataFolder);
    say('All data of earlier runs is removed');
  }
  mkdirSync(logs, { recursive: true });
  // Before anything is started, so that nobody waits for a refusal.
  await usualPorts(logs);
}

async function startAll(): Promise<RunningSystem> {
  const ports = Object.entries(infrastructurePorts).map(([name, { variable, usual }]) => [
    name,
    portFrom(variable, usual),
  ]);
  infrastructure = await startInfrastructure({
    dir: dataFolder,
    ports: Object.fromEntries(ports) as Record<keyof typeof infrastructurePorts, number>,
    onProgress: sayProgress,
    reuse: {
      databaseUrl: process.env['DATABASE_URL'] || undefined,
      kafkaBrokers: process.env['KAFKA_BROKERS'] || undefined,
      schemaRegistryUrl: process.env['SCHEMA_REGISTRY_URL'] || undefined,
    },
  });
  say(`Databases, topics and services: starting (their log lines go to ${relative('', logs)}/<service>.log)`);
  system = await startSystem({
    infrastructure,
    databasePrefix,
    topicPrefix,
    ports: 'default',
    log: logs,
    env: {
      orders: { ORDER_DEADLINE_SECONDS: String(orderDeadlineSeconds) },
      sandbox: { SILENCE_SECONDS: String(silenceSeconds) },
    },
    onExit: (service, how) => {
      ended.add(service);
      console.error(`${how} The others go on; "kill -USR2 ${process.pid}" brings it back.`);
    },
  });
  say('All services: ready');
  return describe(infrastructure, system);
}

/** Starts again what has ended since. */
async function bringBack(): Promise<void> {
  const down = [...ended];
  ended.clear();
  for (const service of down) {
    try {
      await system?.service(service).start();
      console.log(`The service ${service} is back`);
    } catch (error) {
      ended.add(service);
      console.error(reasonOf(error));
    }
  }
  // Its process has another number now.
  if (ended.size === 0 && infrastructure && system) noteRunning(describe(infrastructure, system));
}

function describe(parts: Infrastructure, services: System): RunningSystem {
  const { databaseUrl, kafkaBrokers, schemaRegistryUrl } = parts;
  const pids = Object.fromEntries(serviceNames.map((name) => [name, services.service(name).pid]));
  return {
    pid: process.pid,
    startTime: startTimeOf(process.pid) ?? '',
    databaseUrl,
    databasePrefix,
    kafkaBrokers,
    schemaRegistryUrl,
    topicPrefix,
    orderDeadlineSeconds,
    urls: services.urls,
    pids: { ...pids, ...parts.pids },
  };
}

async function run(): Promise<number> {
  const { fresh, once } = readOptions();
  await makeRoom(fresh);
  const running = await startAll();
  noteRunning(running);
  noted = true;
  console.log(`\n${rulesOfTheDemo(orderDeadlineSeconds, silenceSeconds)}`);
  const died = infrastructure?.died.then((how): never => {
    throw new SetupError(how);
  });
  const ok = await Promise.race([play(running, () => Timeline.start(running)), died]);
  if (once) return ok ? 0 : 1;
  console.log(welcome(running, relative('', logs)));
  up = true;
  return (await died) ?? 1;
}

async function stopInOrder(): Promise<void> {
  if (noted) forgetRunning();
  await system?.stop();
  await infrastructure?.stop();
  // What was still starting.
  await stopAll();
}

// From the beginning: without a listener the signal would end us.
process.on('SIGUSR2', () => void bringBack());

const interrupted = new Promise<number>((resolve) => {
  let asked = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // The watchdog of libs/local then ends by force what is left.
      if (asked) process.exit(130);
      asked = true;
      console.log('\nStopping; once more to do it by force');
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
if (infrastructure !== undefined) console.log('Stopped, nothing is left running');
process.exit(code);
