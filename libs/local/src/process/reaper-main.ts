/**
 * The watchdog: ends the children of its parent after the parent has ended, also by SIGKILL. It reads `+<pid> <signal>` and
 * `-<pid>` lines. The end of its input marks the end of the parent, because the kernel closes the pipe even after SIGKILL.
 * The import below needs the full file name, since Node runs this file both as TypeScript (tests) and compiled.
 */
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const { send, startTimeOf } = (await import(
  new URL(import.meta.url.endsWith('.ts') ? './process-identity.ts' : './process-identity.js', import.meta.url).href
)) as typeof import('./process-identity.js');

const GRACE_MS = 8_000;

interface Guarded {
  pid: number;
  startTime: string | undefined;
  signal: NodeJS.Signals;
}

const guarded = new Map<number, Guarded>();

// A signal to the parent's group must not end the watchdog.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

const alive = (it: Guarded) => it.startTime !== undefined && startTimeOf(it.pid) === it.startTime;

for await (const line of createInterface({ input: process.stdin })) {
  const pid = Number(line.slice(1).split(' ')[0]);
  const signal = (line.split(' ')[1] ?? 'SIGTERM') as NodeJS.Signals;
  if (line.startsWith('+')) guarded.set(pid, { pid, startTime: startTimeOf(pid), signal });
  else guarded.delete(pid);
}

const left = () => [...guarded.values()].filter(alive);
for (const { pid, signal } of left()) {
  send(pid, signal);
  // A process stopped by SIGSTOP does not receive the signal before it continues.
  send(pid, 'SIGCONT');
}
const deadline = Date.now() + GRACE_MS;
while (left().length > 0 && Date.now() < deadline) await sleep(50);
for (const { pid } of left()) {
  // Its group first: a program that hangs would leave its own children behind.
  send(-pid, 'SIGKILL');
  send(pid, 'SIGKILL');
}
