import { readFileSync } from 'node:fs';

/** Memory of a process in MiB: what it has now, and the most it ever had. NaN without /proc. */
export function memoryOf(pid: number): { readonly resident: number; readonly peak: number } {
  if (process.platform !== 'linux') return { resident: NaN, peak: NaN };
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mib = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024;
  return { resident: mib('VmRSS'), peak: mib('VmHWM') };
}
