import { readFileSync } from 'node:fs';

/**
 * Tells a process from a later one with the same number: its start time in clock ticks since boot, from `/proc/<pid>/stat`
 * (field 22, proc(5)). Empty where the system has no /proc but the process is there; undefined for a dead one or a zombie.
 */
export function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, field 2, is in parentheses and may itself contain spaces: count behind the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    if (process.platform === 'linux') return undefined;
  }
  try {
    process.kill(pid, 0);
    return '';
  } catch {
    return undefined;
  }
}
