import { untilSettled } from '../checks/read-facts.ts';
import type { CpuProfile } from '../profile/cpu-profile.ts';
import type { Profiler } from '../profile/profiler.ts';
import type { Contender } from '../systems/measured-system.ts';
import { burst, type BurstSize } from './burst.ts';
import { type Place, Run, type Soundness } from './run.ts';

export interface ProfileSize extends BurstSize {
  readonly warmUp: number;
}

/** Of one system. */
export interface Profiled extends Soundness {
  readonly name: string;
  /** By workload, and in it by process. */
  readonly profiles: ReadonlyMap<string, ReadonlyMap<string, CpuProfile>>;
}

/** Starts a system, profiles its processes during a burst of each workload, and ends it. @param name as that of a turn */
export async function profileSystem(
  place: Place,
  contender: Contender,
  name: string,
  profiler: Profiler,
  size: ProfileSize,
): Promise<Profiled> {
  const run = await Run.begin(place, contender, name);
  const profiles = new Map<string, Map<string, CpuProfile>>();
  for (const workload of place.market.workloads) {
    await run.generator.atOnce(size.warmUp, size.concurrency, workload);
    await untilSettled(run.system, run.generator.accepted.size);
    const during = () => burst(run, workload, size);
    profiles.set(workload.name, await profiler.during(run.system.pids(), during));
  }
  return { ...(await run.judgeAndEnd()), name: contender.name, profiles };
}
