import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Plan, plans } from './plan.js';
import { RareCounts } from './rare.js';
import { type Mode, run } from './run.js';

/** The same in every run, so that a red one is red for everybody. SIMULATION_SEED=fresh walks where nobody has been. */
const SEEDS = [20_261_121, 2_115_791_618];

const {
  SIMULATION_SEED: givenSeed,
  SIMULATION_PATH: path,
  SIMULATION_RUNS: givenRuns,
  // The first plan that breaks a rule is enough: nobody looks for a shorter one.
  SIMULATION_FIRST: isFirstEnough,
} = process.env;

/** Two tests of `runs` plans in all: none breaks a rule, and no rare path is left out. */
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

  if (path === undefined)
    it('no rare path was left out', () => {
      process.stdout.write(`${rare.toString()}\n`);
      expect(rare.never).toEqual([]);
    });
}

type Found = fc.RunDetails<[Plan]>;

/** What broke, the shortest plan that breaks it, what happens in it, and how to see that again. */
async function explained(mode: Mode, { seed, counterexample, counterexamplePath, numRuns }: Found): Promise<string> {
  const [plan] = counterexample!;
  const lines: string[] = [];
  const broken = await run(plan, mode, new RareCounts(), (line) => lines.push(line)).then(
    () => 'nothing, when it was run again: something in it is left to chance',
    String,
  );
  return [
    `${broken}`,
    `after ${numRuns} interleavings; made as short as it gets:`,
    ...lines.map((line) => `  ${line}`),
    JSON.stringify(plan),
    `again: SIMULATION_SEED=${seed} SIMULATION_PATH=${counterexamplePath} npm test -- tests/simulation/src/${mode}`,
  ].join('\n');
}
