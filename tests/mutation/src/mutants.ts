/**
 * Switches the guards of the system off, one at a time, and runs for each the test that must notice.
 *   npm run mutants -- [--only <word>]  all of them, or those with the word in guard, file or test
 *   --quick   only those whose test needs neither PostgreSQL nor Kafka, two at a time; and docs/mutants.md must be up to date
 *   --write   writes docs/mutants.md, and runs nothing
 * Ends with 0 if every test is green on the source as it is, and red, for the right reason, on each mutant.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { SetupError } from '@orderflow/local';
import { durable } from './durable.ts';
import { kafka } from './kafka.ts';
import { isOnRealParts, misfitsOf, type Mutant } from './mutant.ts';
import { pageFile, pageOf } from './page.ts';
import { type Verdict, verdictsOf } from './run.ts';
import { services } from './services.ts';
import { simulated } from './simulated.ts';
import { TemporaryStack, runAndClean } from '@orderflow/local';

const mutants: readonly Mutant[] = [...durable, ...kafka, ...services, ...simulated];

function chosen(only: string, quick: boolean): Mutant[] {
  const found = mutants.filter(
    (it) =>
      [it.guard, it.file, it.check.file, it.check.name].join('\n').includes(only) && !(quick && isOnRealParts(it)),
  );
  if (found.length === 0) throw new SetupError(`No mutant has "${only}" in its line.`);
  return found;
}

/** Where the tests find the real parts, where one of them needs any: those of the environment, else of our own. */
async function environmentFor(list: readonly Mutant[]): Promise<NodeJS.ProcessEnv> {
  const { DATABASE_URL, KAFKA_BROKERS, SCHEMA_REGISTRY_URL } = process.env;
  if (!list.some(isOnRealParts) || (DATABASE_URL && KAFKA_BROKERS && SCHEMA_REGISTRY_URL)) return process.env;
  const { databaseUrl, kafkaBrokers, schemaRegistryUrl } = (await TemporaryStack.start('mutants')).infrastructure;
  return {
    ...process.env,
    DATABASE_URL: databaseUrl,
    KAFKA_BROKERS: kafkaBrokers,
    SCHEMA_REGISTRY_URL: schemaRegistryUrl,
  };
}

/** Undefined where the mutant was caught, else in a few words what went wrong. */
function complaintOf({ check, says }: Mutant, { status, failure }: Verdict): string | undefined {
  if (status === 'passed') return `SURVIVED: "${check.name}" stays green`;
  if (status === 'missing') return `"${check.name}" did not run: ${failure}`;
  const isRight = typeof says === 'string' ? failure.includes(says) : says.test(failure);
  return isRight ? undefined : `"${check.name}" is red for another reason than ${String(says)}:\n${failure}`;
}

/** @returns how many of the tests are not green where nothing is mutated */
async function runUnmutated(list: readonly Mutant[], env: NodeJS.ProcessEnv): Promise<number> {
  const since = Date.now();
  const checks = list.map(({ check }) => check);
  const verdicts = await verdictsOf(checks, env);
  const bad = verdicts.flatMap(({ status, failure }, i) =>
    status === 'passed' ? [] : [`${checks[i]!.file}: ${checks[i]!.name}: ${status}\n${failure}`],
  );
  for (const line of new Set(bad)) console.log(`not green without a mutation: ${line}`);
  const files = new Set(checks.map(({ file }) => file)).size;
  console.log(`${list.length} checks in ${files} files without a mutation, ${secondsSince(since)}`);
  return bad.length;
}

/** @returns how many were not caught */
async function runMutants(list: readonly Mutant[], env: NodeJS.ProcessEnv, atOnce: number): Promise<number> {
  const waiting = [...list];
  let failed = 0;
  const worker = async () => {
    for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
      const since = Date.now();
      const [verdict] = await verdictsOf([mutant.check], env, mutant);
      const complaint = complaintOf(mutant, verdict!);
      if (complaint) failed += 1;
      const { guard, check } = mutant;
      console.log(
        complaint
          ? `FAILED ${guard}: ${complaint}`
          : `caught ${guard} -> ${check.file}: ${check.name}, ${secondsSince(since)}`,
      );
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return failed;
}

const secondsSince = (since: number): string => `${((Date.now() - since) / 1000).toFixed(1)} s`;

function isPageCurrent(): boolean {
  if (readFileSync(pageFile, 'utf8') === pageOf(mutants)) return true;
  console.log('docs/mutants.md is out of date: npm run mutants -- --write');
  return false;
}

async function run(): Promise<boolean> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: '' },
      quick: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  });
  const misfits = mutants.flatMap(misfitsOf);
  for (const line of misfits) console.log(`Mend the list in tests/mutation/src/: ${line}`);
  if (misfits.length > 0) return false;
  if (values.write) {
    writeFileSync(pageFile, pageOf(mutants));
    return true;
  }
  const isCurrent = !values.quick || isPageCurrent();
  const list = chosen(values.only, values.quick);
  const env = await environmentFor(list);
  const notGreen = await runUnmutated(list, env);
  // Tests on real parts measure time, and share a broker and a server.
  const notCaught = await runMutants(list, env, values.quick ? 2 : 1);
  console.log(`${list.length - notCaught} of ${list.length} mutants caught`);
  return isCurrent && notGreen + notCaught === 0;
}

await runAndClean(run);
