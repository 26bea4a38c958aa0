import type { ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { eventually } from '@orderflow/client';
import { startTimeOf } from './process-identity.js';
import { hasEnded, spawnGuarded, stopProcess, type GuardedOptions } from './processes.js';
import { reasonOf, SetupError } from './setup-error.js';

const READY_TIMEOUT_MS = 120_000;
const PREDECESSOR_TIMEOUT_MS = 15_000;

/** A long-running program that runs as a child of this process. */
export interface Part {
  pid: number;
  /** Ends it in an orderly way and resolves once it has ended. May be called again. */
  stop(): Promise<void>;
  /** Resolves with one line when it ends without a call of `stop`; else never. */
  died: Promise<string>;
}

interface DaemonSpec {
  name: string;
  command: string;
  args: readonly string[];
  options: GuardedOptions;
  /** Log file of the process; the log of the previous run is kept as `<log>.1`. */
  log: string;
  /** Rejects until the process answers. */
  ready: () => Promise<unknown>;
}

const pidFileOf = (log: string) => `${log}.pid`;

/**
 * Waits for a process of the previous run. After a SIGKILL its watchdog needs a moment to end the children; without the wait a
 * port would be taken or a directory locked.
 * @throws SetupError when it still runs after 15 s
 */
export async function waitForPredecessor(name: string, log: string): Promise<void> {
  const file = pidFileOf(log);
  if (!existsSync(file)) return;
  const [pid = '', startTime] = readFileSync(file, 'utf8').trim().split(' ');
  try {
    await eventually(() => startTimeOf(Number(pid)) !== startTime, PREDECESSOR_TIMEOUT_MS);
  } catch {
    throw new SetupError(
      `${name} of another run is still running (process ${pid}): stop that run first, or "kill ${pid}".`,
    );
  }
  rmSync(file, { force: true });
}

function tailOf(log: string): string {
  const lines = readFileSync(log, 'utf8').trim().split('\n');
  const worst = lines.findLast((line) => /FATAL|PANIC|ERROR|Exception/.test(line));
  return (worst ?? lines.at(-1) ?? '').trim().slice(0, 300);
}

function openLog(log: string): number {
  mkdirSync(dirname(log), { recursive: true });
  if (existsSync(log)) renameSync(log, `${log}.1`);
  return openSync(log, 'a');
}

async function whenEnded(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(reasonOf(error)));
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : signal));
  });
}

/**
 * Starts a long-running program and resolves once it answers.
 * @throws SetupError with the last error line of its log when it ends first, or does not answer within 120 s
 */
export async function startDaemon(spec: DaemonSpec): Promise<Part> {
  const output = openLog(spec.log);
  const child = spawnGuarded(spec.command, spec.args, { ...spec.options, stdio: ['ignore', output, output] });
  closeSync(output);
  const ended = whenEnded(child);
  const { pid } = child;
  if (pid === undefined) throw new SetupError(`${spec.name} cannot be started: ${await ended}.`);
  writeFileSync(pidFileOf(spec.log), `${pid} ${startTimeOf(pid) ?? 'gone'}\n`);
  let stopping: Promise<void> | undefined;
  const stop = async () => {
    stopping ??= stopProcess(child, spec.options.stopSignal).then(() => rmSync(pidFileOf(spec.log), { force: true }));
    return stopping;
  };
  try {
    await eventually(async () => (hasEnded(child) ? undefined : spec.ready()), READY_TIMEOUT_MS);
  } catch (error) {
    await stop();
    const seconds = READY_TIMEOUT_MS / 1000;
    throw new SetupError(`${spec.name} is not ready after ${seconds} s: ${reasonOf(error)} (log: ${spec.log}).`);
  }
  if (hasEnded(child)) {
    throw new SetupError(`${spec.name} ended while starting (${await ended}): ${tailOf(spec.log)} (log: ${spec.log}).`);
  }
  const died = ended.then(async (how) => {
    if (stopping !== undefined) return new Promise<never>(() => undefined);
    return `${spec.name} ended unexpectedly (${how}; log: ${spec.log}).`;
  });
  return { pid, stop, died };
}
