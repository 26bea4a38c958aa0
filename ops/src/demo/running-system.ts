import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ServiceUrls } from '@orderflow/client';
import { SetupError, startTimeOf } from '@orderflow/local';

export const root = join(import.meta.dirname, '..', '..', '..');
export const dataFolder = join(root, '.data');

const file = join(dataFolder, 'run.json');

/** What `npm start` notes for other programs while it is up. */
export interface RunningSystem {
  /** Process number of `npm start` itself, and when it began: a later process may get the same number. */
  pid: number;
  startTime: string;
  /** Of the server, without a database. */
  databaseUrl: string;
  databasePrefix: string;
  kafkaBrokers: string;
  schemaRegistryUrl: string;
  topicPrefix: string;
  orderDeadlineSeconds: number;
  urls: ServiceUrls;
  /** Process numbers of the services and of the embedded parts. */
  pids: Record<string, number>;
}

export function noteRunning(system: RunningSystem): void {
  mkdirSync(dirname(file), { recursive: true });
  // For its owner only: the database's password is in it.
  writeFileSync(file, `${JSON.stringify(system, null, 2)}\n`, { mode: 0o600 });
}

export function forgetRunning(): void {
  rmSync(file, { force: true });
}

/** The system that `npm start` keeps up; undefined when there is none, also where one was killed and could not say so. */
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
