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

interface Options {
  seed: number;
  minutes: number;
  rate: number;
  deadlineSeconds: number;
  slack: number;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      minutes: { type: 'string', default: '10' },
      rate: { type: 'string', default: '20' },
      deadline: { type: 'string', default: '30' },
      slack: { type: 'string', default: '1' },
    },
  });
  const number = (name: keyof typeof values, least: number): number => {
    const value = Number(values[name]);
    if (Number.isFinite(value) && value >= least) return value;
    throw new SetupError(`--${name} must be a number from ${least}.`);
  };
  return {
    seed: number('seed', 0),
    minutes: number('minutes', 1),
    rate: number('rate', 1),
    deadlineSeconds: number('deadline', 1),
    slack: number('slack', 1),
  };
}

async function run(stack: ChaosStack, options: Options): Promise<boolean> {
  const faults = scheduleOf(options.seed, options.minutes);
  await stockUp(new SystemClient(stack.urls), Math.ceil(options.rate * options.minutes * 120));
  const ordersUrls = ([1, 2] as const).map((number) => stack.instance('orders', number).url);
  const customers = new Customers(ordersUrls, CUSTOMER);
  const duplicator = await EventDuplicator.start(stack);
  const injector = new FaultInjector(stack, customers, duplicator);
  console.log(
    `${faults.length} faults in ${options.minutes} minutes, ${options.rate} orders a second, seed ${options.seed}`,
  );
  customers.begin(options.rate);
  await injector.run(faults);
  await Promise.all([customers.finish(ANSWERS_TIMEOUT_MS), duplicator.stop()]);
  console.log('all faults are mended, no more orders are placed');
  const outcome = await readOutcome(stack, customers, CUSTOMER, 2 * options.deadlineSeconds * 1000 + SETTLE_MS);
  return report(stack, customers, injector.injected, outcome, options.slack);
}

await runAndClean(async () => {
  const options = readOptions();
  const stack = await ChaosStack.start(options);
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
