/**
 * Runs commands, each with one line of progress on stderr: stdout is for what a program prints. Plain JavaScript: it runs before
 * any package is installed.
 */
import { spawn } from 'node:child_process';

const POSIX = process.platform !== 'win32';
const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`;

/** A problem that the user can fix: printed as one line, without a stack. */
export class SetupError extends Error {}

/** Sends a signal to the child and its descendants. */
function signalAll(child, signal) {
  try {
    process.kill(POSIX ? -child.pid : child.pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** Calls `onSignal` on each signal to end, until the returned function is called. */
function listen(onSignal) {
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const name of names) process.on(name, onSignal);
  const parent = process.ppid;
  // npm passes a signal on to its shell, which dies without passing it on.
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    onSignal('SIGTERM', 'orphaned');
  }, 500);
  return () => {
    clearInterval(watch);
    names.forEach((name) => process.off(name, onSignal));
  };
}

/** A line with the elapsed time: rewritten in a terminal, else printed at the start, every 10 s and at the end. */
function progress(label) {
  const began = Date.now();
  const live = process.stderr.isTTY === true;
  const print = (text) => process.stderr.write(live ? `\r\x1b[K${text}` : `${text}\n`);
  print(live ? label : `${label} ...`);
  const timer = setInterval(() => print(`${label} ... ${seconds(began)}`), live ? 200 : 10_000);
  return (outcome) => {
    clearInterval(timer);
    print(`${label}: ${outcome}, ${seconds(began)}${live ? '\n' : ''}`);
  };
}

/**
 * Runs a command. When it fails, its output is printed and a SetupError without a message is thrown. A signal to end stops
 * the command and its descendants, then this process with exit code 130.
 */
export async function step(label, command, args, { cwd }) {
  const done = progress(label);
  // In a process group of its own, so that Ctrl-C in a terminal reaches it once, through this process.
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: POSIX, shell: !POSIX });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  let interrupted = false;
  const unlisten = listen(() => {
    interrupted = true;
    signalAll(child, 'SIGTERM');
  });
  const ok = await new Promise((resolve) => {
    child.once('error', (error) => {
      output += error.message;
      resolve(false);
    });
    child.once('close', (code) => resolve(code === 0));
  });
  unlisten();
  done(interrupted ? 'interrupted' : ok ? 'done' : 'FAILED');
  if (interrupted) process.exit(130);
  if (ok) return;
  process.stderr.write(output);
  throw new SetupError('');
}

const SAME_SIGNAL_MS = 500;

/**
 * Runs a program in place of this process: it inherits the output, receives each signal once, and its exit code is returned.
 * It must load `tether.mjs`, which ends it when this process is killed.
 */
export async function become(command, args, options) {
  const child = spawn(command, args, { ...options, stdio: ['inherit', 'inherit', 'inherit', 'ipc'], detached: POSIX });
  const last = new Map();
  const unlisten = listen((signal, orphaned) => {
    // Under npm, Ctrl-C arrives twice: from the terminal and from npm.
    const again = orphaned === 'orphaned' ? last.size > 0 : Date.now() - (last.get(signal) ?? 0) < SAME_SIGNAL_MS;
    last.set(signal, Date.now());
    if (!again) child.kill(signal);
  });
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (exitCode, signal) => resolve(exitCode ?? (signal === 'SIGINT' ? 130 : 143)));
  });
  unlisten();
  return code;
}
