import { readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { type CpuTimes, cpuTimesOf } from './load-cpu.ts';

/** CPU milliseconds that all cores have spent on something since the machine started; NaN without /proc. */
function busyMs(): number {
  if (process.platform !== 'linux') return NaN;
  const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  // proc(5): user, nice, system, idle, iowait, irq, softirq, steal. Guests are a part of user.
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = /^cpu +(.*)$/m
    .exec(readFileSync('/proc/stat', 'utf8'))![1]!
    .split(' ')
    .map(Number);
  return ((user + nice + system + irq + softirq + steal) * 1000) / ticksPerSecond;
}

const sumOf = (times: CpuTimes): number => Object.values(times).reduce((sum, ms) => sum + ms, 0);

/** What was spent between two moments. */
export interface Spent {
  readonly seconds: number;
  /** CPU milliseconds by process name. */
  readonly cpuMs: CpuTimes;
  /** The same of this process, which places the load. */
  readonly ownCpuMs: number;
  /** Cores that other work on the machine kept busy. */
  readonly otherCores: number;
}

/** The CPU of some processes and of the machine, from now on. */
export class Meter {
  private readonly pids: Readonly<Record<string, number>>;
  private readonly began = performance.now();
  private readonly before: CpuTimes;
  private readonly busyBefore = busyMs();
  private readonly ownBefore = process.cpuUsage();

  /** @param pids of everything that works for the measurement, by name, without this process */
  constructor(pids: Readonly<Record<string, number>>) {
    this.pids = pids;
    this.before = cpuTimesOf(pids);
  }

  read(): Spent {
    const now = cpuTimesOf(this.pids);
    const cpuMs = Object.fromEntries(Object.entries(now).map(([name, ms]) => [name, ms - (this.before[name] ?? 0)]));
    const seconds = (performance.now() - this.began) / 1000;
    // Not by its process id: what it has started would be counted with it.
    const { user, system } = process.cpuUsage(this.ownBefore);
    const ownCpuMs = (user + system) / 1000;
    const others = busyMs() - this.busyBefore - sumOf(cpuMs) - ownCpuMs;
    return { seconds, cpuMs, ownCpuMs, otherCores: Math.max(0, others / 1000 / seconds) };
  }
}
