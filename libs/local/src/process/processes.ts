import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface GuardedOptions extends SpawnOptions {
  /** How the watchdog asks the child to end when we are gone; SIGTERM unless told. */
  stopSignal?: NodeJS.Signals;
}

const guarded = new Map<number, { child: ChildProcess; stopSignal: NodeJS.Signals }>();
let reaper: ChildProcess | undefined;

function startReaper(): ChildProcess {
  const script = import.meta.url.endsWith('.ts') ? './reaper-main.ts' : './reaper-main.js';
  const child = spawn(process.execPath, [fileURLToPath(new URL(script, import.meta.url))], {
    // In a group of its own and away from our folder, so that neither Ctrl-C nor a removed directory takes it along.
    detached: true,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    // NODE_OPTIONS of a test or a traced service (loaders, --import) would load into the watchdog too.
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const forget = () => {
    if (reaper === child) reaper = undefined;
  };
  child.once('exit', forget);
  child.once('error', forget);
  child.stdin?.on('error', forget);
  child.unref();
  // The pipe alone must not keep our process running: it is a socket in Node, which can be unreferenced.
  if (child.stdin !== null && 'unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref();
  for (const [pid, { stopSignal }] of guarded) child.stdin?.write(`+${pid} ${stopSignal}\n`);
  return child;
}

function tell(line: string): void {
  reaper ??= startReaper();
  reaper.stdin?.write(`${line}\n`);
}

/**
 * `child_process.spawn`, and the child ends when this process does, even by SIGKILL: a detached watchdog then sends it
 * `stopSignal`, and SIGKILL 8 s later. The child leads a process group of its own (`detached`) unless told otherwise, so that
 * Ctrl-C in a terminal reaches it only through us. As with `spawn`, a command that cannot be started emits `error`.
 */
export function spawnGuarded(command: string, args: readonly string[], options: GuardedOptions = {}): ChildProcess {
  const { stopSignal = 'SIGTERM', ...rest } = options;
  reaper ??= startReaper();
  const child = spawn(command, args, { detached: true, ...rest });
  const { pid } = child;
  if (pid === undefined) return child;
  tell(`+${pid} ${stopSignal}`);
  guarded.set(pid, { child, stopSignal });
  child.once('exit', () => {
    guarded.delete(pid);
    tell(`-${pid}`);
  });
  return child;
}

/** Whether the child has ended. */
export function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

/** Asks the child to end with `signal`, ends it with SIGKILL after `graceMs` milliseconds, and returns once it is gone. */
export async function stopProcess(
  child: ChildProcess,
  signal: NodeJS.Signals = 'SIGTERM',
  graceMs = 15_000,
): Promise<void> {
  if (hasEnded(child)) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  // A process that was stopped (SIGSTOP) would not even hear the request.
  child.kill('SIGCONT');
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await gone;
  clearTimeout(timer);
}

/** Ends everything that this process has started with `spawnGuarded`, and returns once it is gone. */
export async function stopAll(): Promise<void> {
  await Promise.all([...guarded.values()].map(async ({ child, stopSignal }) => stopProcess(child, stopSignal)));
}

/**
 * Runs a program to its end, guarded, and returns what it printed.
 * @throws Error with the first line of what it printed that names an error, or with why it could not be started
 */
export async function runGuarded(command: string, args: readonly string[], options: GuardedOptions): Promise<string> {
  const child = spawnGuarded(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (it: Buffer) => (output += it.toString()));
  // `once` also rejects on `error`, which tells of a command that does not exist.
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === 0) return output;
  const lines = output.trim().split('\n');
  throw new Error(
    (lines.find((line) => /error|fatal|exception/i.test(line)) ?? lines[0] ?? '').trim() || `exit code ${code}`,
  );
}
