/**
 * Injects faults into a real system of its own under load, and reports whether anything was lost, doubled or left over:
 *   npm run chaos -- --seed 1 --minutes 10 --rate 20
 * Two instances of each service, a proxy before broker and database, and a schedule of faults that is reproducible by seed.
 * Then every order must settle, and customers, topics and databases must agree.
 *   --deadline 30   ORDER_DEADLINE_SECONDS of the system
 *   --slack 1       factor by which recovery may exceed the promise, for busy machines
 * Exit code 0 only if every rule holds and every bound is kept. Bugs that it found: docs/reliability.md.
 */
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { SystemClient } from '@orderflow/client';
import { isEnding, runAndClean, SetupError } from '@orderflow/local';
import { stockUp } from '../../../bench/src/load-orders.ts';
import { Customers } from './customers.ts';
import { EventDuplicator } from './event-duplicator.ts';
import { FaultInjector } from './fault-injector.ts';
import { readOutcome } from './outcome.ts';
import { report } from './report.ts';
import { scheduleOf } from './schedule.ts';
import { ChaosStack } from './stack.ts';

const CUSTOMER = `chaos-${Date.now().toString(36)}`;
const ANSWERS_TIMEOUT_MS = 60_000;
// Beyond deadline and silence: external calls are retried every 10 s at most, and a lease lasts 15 s.
const SETTLE_MS = 60_000;

/** The default and the least value of each option. */
const OPTIONS = { seed: [1, 0], minutes: [10, 1], rate: [20, 1], deadline: [30, 1], slack: [1, 1] } as const;

type Options = Record<keyof typeof OPTIONS, number>;

function readOptions(): Options {
  const names = Object.keys(OPTIONS) as (keyof Options)[];
  const { values } = parseArgs({ options: Object.fromEntries(names.map((name) => [name, { type: 'string' }])) });
  const numbers = names.map((name) => {
    const [usual, least] = OPTIONS[name];
    const value = Number(values[name] ?? usual);
    if (Number.isFinite(value) && value >= least) return [name, value];
    throw new SetupError(`--${name} must be a number from ${least}.`);
  });
  return Object.fromEntries(numbers) as Options;
}

async function run(stack: ChaosStack, { seed, minutes, rate, deadline, slack }: Options): Promise<boolean> {
  const faults = scheduleOf(seed, minutes);
  await stockUp(new SystemClient(stack.urls), Math.ceil(rate * minutes * 120));
  const customers = new Customers([stack.instance('orders', 1).url, stack.instance('orders', 2).url], CUSTOMER);
  const duplicator = await EventDuplicator.start(stack);
  const injector = new FaultInjector(stack, customers, duplicator);
  console.log(`${faults.length} faults in ${minutes} minutes, ${rate} orders a second, seed ${seed}`);
  customers.begin(rate);
  await injector.run(faults);
  await Promise.all([customers.finish(ANSWERS_TIMEOUT_MS), duplicator.stop()]);
  console.log('all faults are mended, no more orders are placed');
  const outcome = await readOutcome(stack, customers, CUSTOMER, 2 * deadline * 1000 + SETTLE_MS);
  return report(stack, customers, injector.injected, outcome, slack);
}

await runAndClean(async () => {
  const options = readOptions();
  const stack = await ChaosStack.start(options.deadline);
  let ok = false;
  try {
    ok = await Promise.race([run(stack, options), stack.broken]);
  } finally {
    if (ok) rmSync(stack.logs, { recursive: true });
    else if (!isEnding()) console.log(`The logs of all processes are in ${stack.logs}`);
  }
  await stack.stop();
  return ok;
});
