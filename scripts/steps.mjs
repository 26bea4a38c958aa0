/** Runs commands as steps of one line each; plain JavaScript, since it runs before anything is installed. */
import { spawn } from 'node:child_process';

const POSIX = process.platform !== 'win32';
const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`;

/** What a person has to mend: printed as one line, without a stack. */
export class SetupError extends Error {}

/** Sends a signal to the child and to all that it started. */
function signalAll(child, signal) {
  try {
    process.kill(POSIX ? -child.pid : child.pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** Calls `onSignal` for each request to end until the returned function is called. */
function listen(onSignal) {
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const name of names) process.on(name, onSignal);
  const parent = process.ppid;
  // The shell between npm and us dies of a signal that npm passes on, and does not pass it on to us.
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

/** A line that says how long it has been going: rewritten in a terminal, else printed at begin, every 10 s and at the end. */
function progress(label) {
  const began = Date.now();
  const live = process.stdout.isTTY === true;
  const say = (text) => process.stdout.write(live ? `\r\x1b[K${text}` : `${text}\n`);
  say(live ? label : `${label} ...`);
  const timer = setInterval(() => say(`${label} ... ${seconds(began)}`), live ? 200 : 10_000);
  return (outcome) => {
    clearInterval(timer);
    say(`${label}: ${outcome}, ${seconds(began)}${live ? '\n' : ''}`);
  };
}

/**
 * Runs a command, its output held back, and returns `{ ok, output }`. When this process is told to end meanwhile, the command
 * and all that it started are ended first, then this process ends with 130.
 */
export async function step(label, command, args, { cwd, env = process.env } = {}) {
  const done = progress(label);
  // A group of its own: Ctrl-C in a terminal then reaches it once, from here.
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: POSIX, shell: !POSIX });
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
  return { ok, output };
}

const SAME_SIGNAL_MS = 500;

/**
 * Runs a program in our place: its output is ours, signals reach it once, and we end as it does. It must load `tether.mjs`,
 * which ends it when we are killed.
 */
export async function become(command, args, options) {
  const child = spawn(command, args, { ...options, stdio: ['inherit', 'inherit', 'inherit', 'ipc'], detached: POSIX });
  const last = new Map();
  const unlisten = listen((signal, orphaned) => {
    // Ctrl-C under npm arrives twice: from the terminal, and from npm, which passes its own on.
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
