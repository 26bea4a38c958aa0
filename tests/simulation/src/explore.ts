import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Plan, plans } from './plan.js';
import { RareCounts } from './rare-paths.js';
import { type Mode, run } from './run.js';

/** Fixed, so that a failure is reproducible everywhere. SIMULATION_SEED=fresh explores a new seed. */
const SEEDS = [20_261_121, 2_115_791_618];

const {
  SIMULATION_SEED: givenSeed,
  SIMULATION_PATH: path,
  SIMULATION_RUNS: givenRuns,
  // Any value: the first plan that breaks a rule is reported without shrinking it.
  SIMULATION_FIRST: isFirstEnough,
} = process.env;

// Fewer plans may miss a rare path by chance.
const RUNS_FOR_RARE_PATHS = 20_000;

/** Tests that no plan breaks a rule and, in a long run, that every rare path is taken. @param runs plans over all seeds */
export function explore(mode: Mode, runs: number): void {
  const rare = new RareCounts();
  const count = Number(givenRuns ?? runs);
  const given = givenSeed === 'fresh' ? Date.now() % 2 ** 31 : Number(givenSeed);
  const seeds = givenSeed === undefined ? SEEDS : [given];

  it.each(seeds)(
    `no rule is broken, ${mode}, seed %i`,
    async (seed) => {
      const numRuns = Math.ceil(count / seeds.length);
      const since = performance.now();
      const property = fc.asyncProperty(plans, async (plan) => void (await run(plan, mode, rare)));
      const found = await fc.check(property, {
        seed,
        numRuns,
        endOnFailure: (path ?? isFirstEnough) !== undefined,
        ...(path !== undefined && { path }),
      });
      const seconds = ((performance.now() - since) / 1000).toFixed(1);
      process.stdout.write(`simulation: ${mode}, seed ${seed}, ${found.numRuns} interleavings in ${seconds} s\n`);
      expect(found.failed ? await explained(mode, found) : 'no rule is broken').toBe('no rule is broken');
    },
    1_200_000,
  );

  const isLong = path === undefined && count >= RUNS_FOR_RARE_PATHS;
  (isLong ? it : it.skip)('every rare path was taken', () => {
    process.stdout.write(`${rare.toString()}\n`);
    expect(rare.never).toEqual([]);
  });
}

type Found = fc.RunDetails<[Plan]>;

/** The broken rule, the shortest plan that breaks it, its steps, and the command that reproduces it. */
async function explained(mode: Mode, { seed, counterexample, counterexamplePath, numRuns }: Found): Promise<string> {
  const [plan] = counterexample!;
  const lines: string[] = [];
  const broken = await run(plan, mode, new RareCounts(), (line) => lines.push(line)).then(
    () => 'no rule, when the same plan ran again: the run is not deterministic',
    String,
  );
  return [
    `${broken}`,
    `after ${numRuns} interleavings; the shortest plan found:`,
    ...lines.map((line) => `  ${line}`),
    JSON.stringify(plan),
    `reproduce: SIMULATION_SEED=${seed} SIMULATION_PATH=${counterexamplePath} npm test -- tests/simulation/src/${mode}`,
  ].join('\n');
}
