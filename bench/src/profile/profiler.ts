import { eventually } from '@orderflow/client';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CpuProfile } from './cpu-profile.ts';

const WRITTEN_MS = 60_000;

/** CPU profiles of the processes that are started from now on. */
export class Profiler {
  private readonly folder: string;
  private readonly taken = new Map<number, number>();

  /** @param folder for the profiles as the processes write them */
  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    // The systems inherit the environment of this program.
    process.env['NODE_OPTIONS'] = `--import=${pathToFileURL(join(import.meta.dirname, 'recorder.ts')).href}`;
    process.env['BENCH_PROFILES'] = folder;
  }

  /** Profiles the processes during some work. @returns a profile for each of them, by name */
  async during(pids: Readonly<Record<string, number>>, work: () => Promise<unknown>): Promise<Map<string, CpuProfile>> {
    const signal = () => {
      for (const pid of Object.values(pids)) process.kill(pid, 'SIGUSR2');
    };
    signal();
    await work();
    signal();
    const profiles = new Map<string, CpuProfile>();
    for (const [name, pid] of Object.entries(pids)) profiles.set(name, await this.take(pid));
    return profiles;
  }

  private async take(pid: number): Promise<CpuProfile> {
    const count = (this.taken.get(pid) ?? 0) + 1;
    this.taken.set(pid, count);
    const file = join(this.folder, `${pid}-${count}.cpuprofile`);
    await eventually(() => Promise.resolve(existsSync(file)), WRITTEN_MS);
    const profile = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile;
    rmSync(file);
    return profile;
  }
}
