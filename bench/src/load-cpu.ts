import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** CPU milliseconds by process name. */
export type CpuTimes = Record<string, number>;

interface Usage {
  parent: number;
  /** Clock ticks, also of its children that have ended: PostgreSQL's backends come and go. */
  ticks: number;
}

/** Fields of proc(5): 4 parent, 14 to 17 user and system time, its own and that of children that were waited for. */
function usageOf(pid: string): Usage | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, field 2, is in parentheses and may itself contain spaces: count behind the last one.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = fields.slice(11, 15);
    return { parent: fields[1] ?? 0, ticks: user + system + childrenUser + childrenSystem };
  } catch {
    // It ended after the listing.
    return undefined;
  }
}

/**
 * CPU time of each process since its start, with all processes below it; empty without /proc.
 * @param pids process numbers by name
 */
export function cpuTimesOf(pids: Readonly<Record<string, number>>): CpuTimes {
  if (process.platform !== 'linux') return {};
  const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  const usages = new Map<number, Usage>();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const usage = usageOf(pid);
    if (usage !== undefined) usages.set(Number(pid), usage);
  }
  const ticksOf = (pid: number): number =>
    [...usages]
      .filter(([, { parent }]) => parent === pid)
      .reduce((sum, [child]) => sum + ticksOf(child), usages.get(pid)?.ticks ?? 0);
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, (ticksOf(pid) * 1000) / ticksPerSecond]));
}
