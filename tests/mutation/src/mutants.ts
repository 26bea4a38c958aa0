/**
 * Switches the guards of the product off, one at a time, and a test must notice.
 *   npm run mutation [-- --only <word>]   all of them, or those with the word in their name
 *   --pure   only those whose tests need neither PostgreSQL nor Kafka
 *   --whole  Stryker mutates the pure files too, all of each, and not only their guards
 * Ends with 0 if every test passes on the source as it is, and fails on each mutant.
 */
import { parseArgs } from 'node:util';
import { inParallel } from '@orderflow/client';
import { TemporaryStack, runAndClean, SetupError } from '@orderflow/local';
import { byHand, inSimulation } from './by-hand.ts';
import { runStryker } from './by-stryker.ts';
import { findGuards, type Guard, type Proof, sourcesOf } from './guards.ts';
import { type Verdict, verdictsOf } from './run.ts';

interface Mutant {
  readonly name: string;
  /** The changed sources, by absolute path. */
  readonly sources: Readonly<Record<string, string>>;
  readonly test: Proof;
  readonly env?: Readonly<Record<string, string>>;
}

const SEED = '20261121';
// The first plan that breaks a rule is enough, of so many.
const simulationEnv = { SIMULATION_SEED: SEED, SIMULATION_RUNS: '300', SIMULATION_FIRST: 'yes' };

// Each test has databases and topics of its own, and most of its time it waits.
const AT_ONCE = 3;

// Some guards hold against a race, which does not happen in each run.
const TRIES = 2;
const SURVIVED = 'SURVIVED';

// A mutant that does not even run proves nothing of the guard.
const SLIP =
  /^\W*(error: )?(SyntaxError|ReferenceError|TypeError: (Cannot|.* is not)|syntax error|column|relation|bind message)/;

const isOnRealParts = ({ test }: Mutant): boolean => /\.(int|e2e)\.spec\.ts$/.test(test.file);

/** @throws Error where a name of the list is marked nowhere */
function guardOf(name: string, guards: ReadonlyMap<string, Guard>): Guard {
  const guard = guards.get(name);
  if (!guard || guard.places.length === 0) throw new Error(`no statement is marked "guard: ${name}"`);
  return guard;
}

function mutantsOf(guards: ReadonlyMap<string, Guard>): Mutant[] {
  const ofParts = Object.entries(byHand).flatMap(([name, edit]) => {
    const guard = guardOf(name, guards);
    if (guard.proofs.length === 0) throw new Error(`no test is marked "proves: ${name}"`);
    return guard.proofs.map((test) => ({ name, sources: sourcesOf(name, guard, edit), test }));
  });
  const ofTheWhole = Object.entries(inSimulation).map(([name, [mode, edit = byHand[name]!]]) => {
    const test = { file: `tests/simulation/src/${mode}.spec.ts`, title: `no rule is broken, ${mode}, seed ${SEED}` };
    return { name, sources: sourcesOf(name, guardOf(name, guards), edit), test, env: simulationEnv };
  });
  return [...ofParts, ...ofTheWhole];
}

/** Where the tests find the real parts: those of the environment, else of our own. */
async function environmentFor(mutants: readonly Mutant[]): Promise<NodeJS.ProcessEnv> {
  const { DATABASE_URL, KAFKA_BROKERS, SCHEMA_REGISTRY_URL } = process.env;
  if (!mutants.some(isOnRealParts) || (DATABASE_URL && KAFKA_BROKERS && SCHEMA_REGISTRY_URL)) return process.env;
  const { databaseUrl, kafkaBrokers, schemaRegistryUrl } = (await TemporaryStack.start('mutants')).infrastructure;
  const own = { DATABASE_URL: databaseUrl, KAFKA_BROKERS: kafkaBrokers, SCHEMA_REGISTRY_URL: schemaRegistryUrl };
  return { ...process.env, ...own };
}

/** @returns how many of the tests do not pass where nothing is mutated */
async function runUnmutated(mutants: readonly Mutant[], env: NodeJS.ProcessEnv): Promise<number> {
  const verdicts = await verdictsOf(
    mutants.map(({ test }) => test),
    { ...env, ...Object.assign({}, ...mutants.map((mutant) => mutant.env)) },
  );
  const bad = mutants.filter((_, i) => verdicts[i]!.status !== 'passed');
  for (const { test } of bad) console.log(`FAILED without a mutant: ${test.file}: ${test.title}`);
  return bad.length;
}

/** Undefined where the mutant was caught, else what went wrong. */
function complaintOf({ status, failure }: Verdict): string | undefined {
  if (status === 'passed') return SURVIVED;
  if (status === 'missing') return `the test did not run: ${failure}`;
  return SLIP.test(failure) ? `the mutant does not run: ${failure}` : undefined;
}

async function isCaught(mutant: Mutant, env: NodeJS.ProcessEnv): Promise<boolean> {
  const { name, test } = mutant;
  for (let left = TRIES; ; left -= 1) {
    const since = Date.now();
    const [verdict] = await verdictsOf([test], { ...env, ...mutant.env }, mutant.sources);
    const complaint = complaintOf(verdict!);
    const seconds = ((Date.now() - since) / 1000).toFixed(1);
    const isOver = complaint !== SURVIVED || left === 1;
    const outcome = complaint === undefined ? 'caught' : isOver ? 'FAILED' : 'once more';
    console.log(`${outcome} ${name} -> ${test.file}: ${test.title}, ${seconds} s`);
    console.log(`  ${complaint ?? verdict!.failure.split('\n')[0]!}`);
    if (isOver) return complaint === undefined;
  }
}

async function run(): Promise<boolean> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: '' },
      pure: { type: 'boolean', default: false },
      whole: { type: 'boolean', default: false },
    },
  });
  const guards = findGuards();
  const isChosen = (name: string) => name.includes(values.only);
  const forStryker = new Map([...guards].filter(([name]) => !(name in byHand) && isChosen(name)));
  const mutants = mutantsOf(guards).filter((it) => isChosen(it.name) && !(values.pure && isOnRealParts(it)));
  if (forStryker.size + mutants.length === 0) throw new SetupError(`No guard has "${values.only}" in its name.`);

  let wrong = forStryker.size > 0 ? await runStryker(forStryker, values.whole) : 0;
  if (mutants.length > 0) {
    const env = await environmentFor(mutants);
    wrong += await runUnmutated(mutants, env);
    await inParallel(mutants.length, AT_ONCE, async (index) => {
      if (!(await isCaught(mutants[index]!, env))) wrong += 1;
    });
  }
  console.log(`${forStryker.size} guards by Stryker, ${mutants.length} mutants by hand, ${wrong} failed`);
  return wrong === 0;
}

await runAndClean(run);
