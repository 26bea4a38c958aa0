import { globSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@orderflow/local';
import { Stryker } from '@stryker-mutator/core';
import { type Guard, type Place, root } from './guards.ts';

const configFile = 'tests/mutation/stryker.config.json';
const SMALLEST_SCORE = 80;

type Mutants = Awaited<ReturnType<Stryker['runMutationTest']>>;

/**
 * Lets Stryker mutate the files of its configuration (where they are asked for) and the guarded statements.
 * @returns how much is wrong: each guard of which a mutant survives or that has none, and a score that is too low
 */
export async function runStryker(guards: ReadonlyMap<string, Guard>, wholeFiles: boolean): Promise<number> {
  const { mutate } = JSON.parse(readFileSync(join(root, configFile), 'utf8')) as { mutate: string[] };
  const whole = wholeFiles ? globSync(mutate, { cwd: root, exclude: ['**/*.spec.ts'] }) : [];
  const places = [...guards.values()].flatMap((guard) => guard.places).filter(({ file }) => !whole.includes(file));
  const ranges = places.map(({ file, from, to }) => `${file}:${from + 1}-${to + 1}`);
  const mutants = await mutantsIn([...whole, ...ranges]);
  const failed = [...guards].filter(([name, guard]) => !isProven(name, guard, mutants));
  return failed.length + (isScoreHighEnough(mutants) ? 0 : 1);
}

/** Of an app all tests may notice a mutant, of a library those beside it. Each mutant loads all of them. */
const folderOf = (file: string): string => /^apps\/[^/]+\/src|^libs\/[^/]+\/src(\/[^/]+(?=\/))?/.exec(file)![0];

/** One folder after the other. */
async function mutantsIn(files: readonly string[]): Promise<Mutants> {
  const mutants: Mutants = [];
  // A run that was interrupted leaves its copy of the sources.
  rmSync(join(root, '.cache/stryker'), { recursive: true, force: true });
  // Stryker kills the tests of a mutant that hangs, which remove no folder of theirs then: all are in this one.
  const { TMPDIR: before } = process.env;
  process.env['TMPDIR'] = temporaryFolder('stryker');
  for (const [folder, mutate] of Map.groupBy(files, folderOf)) {
    process.env['MUTATED_FOLDER'] = folder;
    const htmlReporter = { fileName: `.cache/mutation/${folder.replaceAll('/', '-')}.html` };
    const since = Date.now();
    const own = await new Stryker({ configFile, mutate, htmlReporter }).runMutationTest();
    console.log(`Stryker in ${folder}: ${own.length} mutants, ${((Date.now() - since) / 1000).toFixed(1)} s`);
    mutants.push(...own);
  }
  if (before === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = before;
  return mutants;
}

const isCaught = ({ status }: Mutants[number]): boolean => status === 'Killed' || status === 'Timeout';

function isProven(name: string, { places }: Guard, mutants: Mutants): boolean {
  const own = mutants.filter((mutant) => places.some((place) => isIn(place, mutant)) && mutant.status !== 'Ignored');
  const survivors = own.filter((mutant) => !isCaught(mutant));
  if (own.length > 0 && survivors.length === 0) {
    console.log(`caught ${name}: ${own.length} mutants -> ${own[0]!.killedBy?.[0] ?? 'by timeout'}`);
    return true;
  }
  console.log(`FAILED ${name}: ${own.length === 0 ? 'Stryker has no mutant of it' : 'survivors'}`);
  for (const { mutatorName, replacement, status } of survivors)
    console.log(`  ${status} ${mutatorName}: ${replacement}`);
  return false;
}

const isIn = ({ file, from, to }: Place, { fileName, location }: Mutants[number]): boolean =>
  fileName.endsWith(file) && location.start.line - 1 >= from && location.end.line - 1 <= to;

function isScoreHighEnough(mutants: Mutants): boolean {
  const tried = mutants.filter(({ status }) => status !== 'Ignored');
  const score = (100 * tried.filter(isCaught).length) / Math.max(1, tried.length);
  console.log(`Stryker: ${score.toFixed(1)} % of ${tried.length} mutants caught, survivors in .cache/mutation/`);
  return score >= SMALLEST_SCORE;
}
