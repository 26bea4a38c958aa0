/**
 * Breaks a real system of its own under load, and says whether anything was lost, done twice or left over:
 *   npm run chaos -- --seed 1 --minutes 10 --rate 20
 * Two processes of each service, a proxy before broker and database, and faults on all of them by a schedule that the seed
 * decides. Then quiet: every order must settle, and customers, topics and books must agree.
 *   --deadline 30   ORDER_DEADLINE_SECONDS of the system
 *   --slack 1       by how much recovery may take longer than promised: for machines that do something else as well
 * Exit code 0 only if all of that held. What it has found: docs/reliability.md.
 */
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { SystemClient } from '@orderflow/client';
import { SetupError } from '@orderflow/local';
import { Copies } from './copies.ts';
import { Customers } from './customers.ts';
import { gather } from './evidence.ts';
import { report } from './report.ts';
import { scheduleOf } from './schedule.ts';
import { ChaosStack } from './stack.ts';
import { Storm } from './storm.ts';
import { stockUp } from '../../../bench/src/load-orders.ts';
import { isEnding, runAndClean } from '@orderflow/local';

const CUSTOMER = `chaos-${Date.now().toString(36)}`;
const ANSWERS_TIMEOUT_MS = 60_000;
// Beyond deadline and silence: what is asked again is so with pauses of up to 10 s, and a lease lasts 15 s.
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

async function play(stack: ChaosStack, options: Options): Promise<boolean> {
  const faults = scheduleOf(options.seed, options.minutes);
  await stockUp(new SystemClient(stack.urls), Math.ceil(options.rate * options.minutes * 120));
  const ordersUrls = ([1, 2] as const).map((number) => stack.member('orders', number).url);
  const customers = new Customers(ordersUrls, CUSTOMER);
  const copies = await Copies.start(stack);
  const storm = new Storm(stack, customers, copies);
  console.log(
    `${faults.length} faults in ${options.minutes} minutes, ${options.rate} orders a second, seed ${options.seed}`,
  );
  customers.begin(options.rate);
  await storm.rage(faults);
  await Promise.all([customers.finish(ANSWERS_TIMEOUT_MS), copies.stop()]);
  console.log('quiet: all faults are mended, nobody orders any more');
  const evidence = await gather(stack, customers, CUSTOMER, 2 * options.deadlineSeconds * 1000 + SETTLE_MS);
  return report(stack, customers, storm.suffered, evidence, options.slack);
}

await runAndClean(async () => {
  const options = readOptions();
  const stack = await ChaosStack.start(options);
  let ok = false;
  try {
    ok = await Promise.race([play(stack, options), stack.broken]);
  } finally {
    if (ok) rmSync(stack.logs, { recursive: true });
    else if (!isEnding()) console.log(`The logs of all processes are kept in ${stack.logs}`);
  }
  await stack.stop();
  return ok;
});
