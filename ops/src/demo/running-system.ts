import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceUrls } from '@orderflow/client';
import { codeOf, type Logins, SetupError, startTimeOf } from '@orderflow/local';

export const root = join(import.meta.dirname, '..', '..', '..');
export const dataFolder = join(root, '.data');

const fileIn = (folder: string): string => join(folder, 'run.json');

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

export function noteRunning(system: RunningSystem, folder = dataFolder): void {
  mkdirSync(folder, { recursive: true });
  const building = join(folder, 'run.json.building');
  // Readable by its owner only: it holds passwords.
  writeFileSync(building, `${JSON.stringify(system, null, 2)}\n`, { mode: 0o600 });
  // Other programs read it at any time, and find it as a whole.
  renameSync(building, fileIn(folder));
}

export function forgetRunning(folder = dataFolder): void {
  rmSync(fileIn(folder), { force: true });
}

/** The system that `npm start` keeps up; undefined without one, also after `npm start` was killed. */
export function findRunning(folder = dataFolder): RunningSystem | undefined {
  const noted = textOf(fileIn(folder));
  if (noted === undefined) return undefined;
  const system = JSON.parse(noted) as RunningSystem;
  return startTimeOf(system.pid) === system.startTime ? system : undefined;
}

/** Undefined where there is no such file: `npm start` may remove it at any time. */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** @throws SetupError when none is up */
export function requireRunning(): RunningSystem {
  const system = findRunning();
  if (system === undefined) throw new SetupError('No system is running here: start it with "npm start" first.');
  return system;
}
