/** Commands that the program of a service carries out: no other one knows what an event means to it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { usualPorts } from '@orderflow/client';
import { type Service, services } from '@orderflow/contracts';
import { consoleEnv, databaseUrlAs, newSecrets, serviceEnv, SetupError, type SystemSettings } from '@orderflow/local';
import { findRunning, root } from './demo/running-system.ts';

/** The variables that name a system, for the usage of a command. */
export const systemVariables = `Without KAFKA_BROKERS it uses the system that \`npm start\` keeps up. Otherwise these variables name the system:
  KAFKA_BROKERS        host:port of the brokers, separated by commas
  TOPIC_PREFIX         the prefix of every topic and group
  SCHEMA_REGISTRY_URL  the schema registry
  DATABASE_URL         the database server, without a database name
  DATABASE_PREFIX      the prefix of every database name`;

async function settingsOfSystem(): Promise<SystemSettings> {
  const { KAFKA_BROKERS, SCHEMA_REGISTRY_URL, DATABASE_URL, TOPIC_PREFIX = '', DATABASE_PREFIX = '' } = process.env;
  const running = KAFKA_BROKERS ? undefined : findRunning();
  // Nothing is placed or charged: any valid secrets do.
  const secrets = await newSecrets();
  if (running) return { ...running, infrastructure: running, secrets };
  if (!KAFKA_BROKERS || !SCHEMA_REGISTRY_URL || !DATABASE_URL)
    throw new SetupError(
      'Set KAFKA_BROKERS, SCHEMA_REGISTRY_URL and DATABASE_URL, or start a system with "npm start".',
    );
  const infrastructure = {
    kafkaBrokers: KAFKA_BROKERS,
    schemaRegistryUrl: SCHEMA_REGISTRY_URL,
    databaseUrl: DATABASE_URL,
  };
  return { infrastructure, topicPrefix: TOPIC_PREFIX, databasePrefix: DATABASE_PREFIX, secrets };
}

const isService = (name: string | undefined): name is Service => services.some((service) => service === name);

/**
 * The service that a command line names.
 * @throws SetupError when it does not name exactly one
 */
export function oneService(positionals: readonly string[], command: string): Service {
  const [service, ...more] = positionals;
  if (isService(service) && more.length === 0) return service;
  throw new SetupError(`Name one service: ${services.join(', ')}. See orderflow ${command} --help.`);
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs the program of a service with these arguments instead of the service. A signal to end is passed on, and this process
 * waits for that program.
 * @returns its exit code
 */
export async function runProgram(service: Service, ...args: readonly string[]): Promise<number> {
  return run(service, envOf(service, await settingsOfSystem()), args);
}

/** The same, also for the console, and in a secure system with the login that owns the tables. */
export async function runAsOwner(program: Service | 'console', ...args: readonly string[]): Promise<number> {
  const settings = await settingsOfSystem();
  const env = envOf(program, settings);
  const DATABASE_URL = databaseUrlAs('migrations', env['DATABASE_URL']!, settings.infrastructure.logins);
  return run(program, { ...env, DATABASE_URL }, args);
}

/** The environment of a program in a system. */
export const envOf = (program: Service | 'console', settings: SystemSettings): NodeJS.ProcessEnv => ({
  ...(program === 'console' ? consoleEnv(settings) : serviceEnv(program, { ...usualPorts, smtp: 3025 }, settings)),
  LOG_LEVEL: 'error',
  OTEL_SDK_DISABLED: 'true',
});

/** The arguments of Node by which a program carries out a command instead of being the service. */
export const argumentsOf = (program: Service | 'console', command: readonly string[]): string[] => [
  '--import',
  '@orderflow/telemetry/register',
  join('apps', program, 'dist', 'main.js'),
  ...command,
];

async function run(name: Service | 'console', env: NodeJS.ProcessEnv, args: readonly string[]): Promise<number> {
  const program = spawn(process.execPath, argumentsOf(name, args), { cwd: root, env, stdio: 'inherit' });
  // Otherwise this process would end at once, and the program go on alone.
  for (const signal of SIGNALS) process.on(signal, () => program.kill(signal));
  const [code] = (await once(program, 'exit')) as [number | null];
  return code ?? 1;
}
