import { join } from 'node:path';
import { tableOf } from '../../../ops/src/demo/table.ts';
import { wordsOf } from '../checks/verdict.ts';
import { type ProfileSize, profileSystem } from '../phases/profiled.ts';
import type { Place } from '../phases/run.ts';
import { type CpuProfile, timesByPackage } from '../profile/cpu-profile.ts';
import { flameGraphOf } from '../profile/flame-graph.ts';
import { Profiler } from '../profile/profiler.ts';
import { writeFiles } from '../report/write-files.ts';
import type { Contender } from '../systems/measured-system.ts';

const MOST_PACKAGES = 15;

/** The packages in which the processes were busiest, a column for each process. */
function packagesTable(profiles: ReadonlyMap<string, CpuProfile>, orders: number): string {
  const times = [...profiles.values()].map((profile) => new Map(timesByPackage(profile)));
  const sums = new Map<string, number>();
  for (const [name, ms] of times.flatMap((it) => [...it])) sums.set(name, (sums.get(name) ?? 0) + ms);
  const largest = [...sums].toSorted(([, one], [, other]) => other - one).slice(0, MOST_PACKAGES);
  const perOrder = (ms = 0) => (ms / orders).toFixed(3);
  const rows = largest.map(([name, ms]) => [name, ...times.map((it) => perOrder(it.get(name))), perOrder(ms)]);
  return tableOf([['CPU ms an order', ...profiles.keys(), 'together'], ...rows]);
}

/**
 * Profiles the processes of systems during a burst of each workload: a .cpuprofile and a flame graph for each, and a table of
 * packages. A profiled process is slower, so that the times compare with each other alone.
 * @returns whether every system was sound
 */
export async function profile(
  place: Place,
  systems: readonly Contender[],
  size: ProfileSize,
  out: string,
): Promise<boolean> {
  const profiler = new Profiler(join(place.stack.dir, 'profiles'));
  let allSound = true;
  for (const [index, contender] of systems.entries()) {
    const profiling = profileSystem(place, contender, `p${index}`, profiler, size);
    const { name, profiles, sound, verdict, audit } = await Promise.race([profiling, place.stack.broken]);
    allSound &&= sound;
    console.log(`\n${name}: ${wordsOf(verdict)}; the audit: ${audit.words}`);
    for (const [workload, byProcess] of profiles) {
      console.log(`\n${name}, orders ${workload}\n${packagesTable(byProcess, size.orders)}`);
      for (const [process, recorded] of byProcess) {
        const file = `${name}-${process}-${workload}`.replaceAll(' ', '-');
        writeFiles(join(out, 'profiles'), {
          [`${file}.cpuprofile`]: JSON.stringify(recorded),
          [`${file}.svg`]: flameGraphOf(`${name}: ${process}, orders ${workload}`, recorded),
        });
      }
    }
  }
  return allSound;
}
