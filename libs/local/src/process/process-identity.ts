import { readFileSync } from 'node:fs';

/** Sends a signal to a process, or to a group where `pid` is negative. A process that has ended needs none. */
export function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/**
 * Distinguishes a process from a later one with the same pid: its start time in clock ticks since boot, from
 * `/proc/<pid>/stat` (field 22, proc(5)). Empty for a running process on a system without /proc; undefined for an ended process
 * or a zombie.
 */
export function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, field 2, is in parentheses and may contain spaces: the count starts after the last parenthesis.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    // No such process, or a system without /proc.
    if (process.platform === 'linux') return undefined;
  }
  try {
    process.kill(pid, 0);
    return '';
  } catch {
    // It has ended, or is another user's: no program of ours then.
    return undefined;
  }
}
