import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ServiceUrls } from '@orderflow/client';
import { type Logins, SetupError, startTimeOf } from '@orderflow/local';

export const root = join(import.meta.dirname, '..', '..', '..');
export const dataFolder = join(root, '.data');

const file = join(dataFolder, 'run.json');

/** The record that `npm start` keeps for other programs while it runs. */
export interface RunningSystem {
  /** Process id and start time of `npm start` itself: a later process may get the same id. */
  pid: number;
  startTime: string;
  /** Of the server, without a database. */
  databaseUrl: string;
  databasePrefix: string;
  kafkaBrokers: string;
  /** Of a secure system. */
  logins?: Logins;
  schemaRegistryUrl: string;
  topicPrefix: string;
  orderDeadlineSeconds: number;
  urls: ServiceUrls;
  /** Where the console runs. */
  consoleUrl?: string;
  /** Where callers need a token: its signer. The key of `orderflow token` is in the data folder. */
  tokensBy?: 'orderflow' | 'provider';
  /** Process ids of the services and of the local infrastructure. */
  pids: Record<string, number>;
}

export function noteRunning(system: RunningSystem): void {
  mkdirSync(dirname(file), { recursive: true });
  // Readable by its owner only: it holds passwords.
  writeFileSync(file, `${JSON.stringify(system, null, 2)}\n`, { mode: 0o600 });
}

export function forgetRunning(): void {
  rmSync(file, { force: true });
}

/** The system that `npm start` keeps up; undefined without one, also after `npm start` was killed. */
export function findRunning(): RunningSystem | undefined {
  if (!existsSync(file)) return undefined;
  const system = JSON.parse(readFileSync(file, 'utf8')) as RunningSystem;
  return startTimeOf(system.pid) === system.startTime ? system : undefined;
}

/** @throws SetupError when none is up */
export function requireRunning(): RunningSystem {
  const system = findRunning();
  if (system === undefined) throw new SetupError('No system is running here: start it with "npm start" first.');
  return system;
}
