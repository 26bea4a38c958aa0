/**
 * Injects faults into a real system of its own under load, and reports whether anything was lost, doubled or left over:
 *   npm run chaos -- --seed 1 --minutes 10 --rate 20
 * Two instances of each service, a proxy before broker and database, and a schedule of faults that is reproducible by seed.
 * Then every order must settle, and customers, topics and databases must agree.
 *   --brokers 1     Kafka brokers; of three, one at a time is killed, frozen, cut off, or loses its disk
 *   --deadline 30   ORDER_DEADLINE_SECONDS of the system
 *   --secure        TLS, logins, least rights and tokens, with one broker
 *   --slack 1       factor by which recovery may exceed the promise, for busy machines
 * Exit code 0 only if every rule holds and every bound is kept. Bugs that it found: docs/reliability.md.
 */
import { rmSync } from 'node:fs';
import { isEnding, runAndClean, SetupError } from '@orderflow/local';
import { readOptions } from '../../../bench/src/harness.ts';
import { stockUp } from '../../../bench/src/load-orders.ts';
import { plainAccess, secureAccess } from './access.ts';
import { discardOversized } from './bad-records.ts';
import { Customers } from './customers.ts';
import { EventDuplicator } from './event-duplicator.ts';
import { FaultInjector } from './fault-injector.ts';
import { readOutcome } from './outcome.ts';
import { report } from './report.ts';
import { type Kind, scheduleOf } from './schedule.ts';
import { ChaosStack } from './stack.ts';

const CUSTOMER = `chaos-${Date.now().toString(36)}`;
const ANSWERS_TIMEOUT_MS = 60_000;
// Beyond deadline and silence: external calls are retried every 10 s at most, and a lease lasts 15 s.
const SETTLE_MS = 60_000;

const TOO_LARGE: readonly Kind[] = ['oversized records', 'record bombs'];

const DEFAULTS = { seed: 1, minutes: 10, rate: 20, brokers: 1, deadline: 30, slack: 1, secure: false };
const LEAST = { seed: 0, minutes: 1, rate: 1, deadline: 1, slack: 1 };

async function run(stack: ChaosStack, options: typeof DEFAULTS): Promise<boolean> {
  const { seed, minutes, rate, brokers, deadline, slack, secure } = options;
  const faults = scheduleOf(seed, minutes, brokers);
  await stockUp(stack.clientAs('operator'), Math.ceil(rate * minutes * 120));
  const urls = ([1, 2] as const).map((number) => stack.instance('orders', number).url);
  const customers = new Customers(urls, CUSTOMER, stack.access.tokens.customer);
  const duplicator = await EventDuplicator.start(stack);
  const injector = new FaultInjector(stack, customers, duplicator);
  console.log(
    `${faults.length} faults in ${minutes} minutes, ${rate} orders a second, seed ${seed}${secure ? ', secure' : ''}`,
  );
  customers.begin(rate);
  await injector.run(faults);
  await Promise.all([customers.finish(ANSWERS_TIMEOUT_MS), duplicator.stop()]);
  console.log('all faults are mended, no more orders are placed');
  const oversized = injector.injected.filter(({ fault }) => TOO_LARGE.includes(fault.kind)).length;
  console.log(
    `${await discardOversized(stack, oversized)} parked records were discarded, for ${oversized} that are too large`,
  );
  const outcome = await readOutcome(stack, customers, CUSTOMER, 2 * deadline * 1000 + SETTLE_MS, injector.injected);
  return report(stack, customers, injector.injected, outcome, slack);
}

await runAndClean(async () => {
  const options = readOptions(DEFAULTS, LEAST);
  const { deadline, brokers, secure } = options;
  if (secure && brokers > 1) throw new SetupError('--secure runs with one broker: leave --brokers out.');
  const accessIn = async (dir: string) => (secure ? secureAccess(dir, CUSTOMER) : plainAccess);
  const stack = await ChaosStack.start(deadline, brokers, accessIn);
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
