import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface GuardedOptions extends SpawnOptions {
  /** The signal by which the watchdog ends the child after this process has ended. Default: SIGTERM. */
  stopSignal?: NodeJS.Signals;
}

const guarded = new Map<number, { child: ChildProcess; stopSignal: NodeJS.Signals }>();
let reaper: ChildProcess | undefined;

function startReaper(): ChildProcess {
  const script = import.meta.url.endsWith('.ts') ? './reaper-main.ts' : './reaper-main.js';
  const child = spawn(process.execPath, [fileURLToPath(new URL(script, import.meta.url))], {
    // In its own process group and folder, so that neither Ctrl-C nor a removed directory ends it.
    detached: true,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    // NODE_OPTIONS of a test or a traced service (loaders, --import) would apply to the watchdog too.
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const forget = () => {
    if (reaper === child) reaper = undefined;
  };
  child.once('exit', forget);
  child.once('error', forget);
  child.stdin?.on('error', forget);
  child.unref();
  // The pipe must not keep this process running: in Node it is a socket, which can be unreferenced.
  if (child.stdin !== null && 'unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref();
  for (const [pid, { stopSignal }] of guarded) child.stdin?.write(`+${pid} ${stopSignal}\n`);
  return child;
}

function notifyReaper(line: string): void {
  reaper ??= startReaper();
  reaper.stdin?.write(`${line}\n`);
}

/**
 * `child_process.spawn` for a child that ends with this process, even after a SIGKILL: a detached watchdog then sends it
 * `stopSignal`, and SIGKILL 8 s later. By default the child leads its own process group (`detached`), so that Ctrl-C in a
 * terminal reaches it only through this process. As with `spawn`, a command that cannot be started emits `error`.
 */
export function spawnGuarded(command: string, args: readonly string[], options: GuardedOptions = {}): ChildProcess {
  const { stopSignal = 'SIGTERM', ...rest } = options;
  reaper ??= startReaper();
  const child = spawn(command, args, { detached: true, ...rest });
  const { pid } = child;
  if (pid === undefined) return child;
  notifyReaper(`+${pid} ${stopSignal}`);
  guarded.set(pid, { child, stopSignal });
  child.once('exit', () => {
    guarded.delete(pid);
    notifyReaper(`-${pid}`);
  });
  return child;
}

/** Whether the child has ended. */
export function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

/** Sends the child `signal`, and SIGKILL after `graceMs` milliseconds. Resolves once it has ended. */
export async function stopProcess(
  child: ChildProcess,
  signal: NodeJS.Signals = 'SIGTERM',
  graceMs = 15_000,
): Promise<void> {
  if (hasEnded(child)) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  // A process stopped by SIGSTOP does not receive the signal before it continues.
  child.kill('SIGCONT');
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await gone;
  clearTimeout(timer);
}

/** Stops every child of `spawnGuarded`, and resolves once all have ended. */
export async function stopAll(): Promise<void> {
  await Promise.all([...guarded.values()].map(async ({ child, stopSignal }) => stopProcess(child, stopSignal)));
}

/**
 * Runs a program with `spawnGuarded` to its end, and returns its output.
 * @throws Error with the first line of its output that names an error, or with the reason why it cannot be started
 */
export async function runGuarded(command: string, args: readonly string[], options: GuardedOptions): Promise<string> {
  const child = spawnGuarded(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (it: Buffer) => (output += it.toString()));
  // `once` also rejects on `error`, for a command that does not exist.
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === 0) return output;
  const lines = output.trim().split('\n');
  throw new Error(
    (lines.find((line) => /error|fatal|exception/i.test(line)) ?? lines[0] ?? '').trim() || `exit code ${code}`,
  );
}
