/**
 * Hours at a constant rate: what grows with time that must not, on a system of its own.
 *   npm run soak -- [--minutes 120] [--rate 30] [--every 10]
 * Orders of every outcome. Each interval of `--every` minutes prints the latency of its orders, CPU, memory, and sizes; at the
 * end every order must be settled, and the audit must pass.
 */
import { join } from 'node:path';
import { SystemClient } from '@orderflow/client';
import { runAndClean, TemporaryStack } from '@orderflow/local';
import { auditUntilPasses } from '../../ops/src/audit/audit.ts';
import { tableOf } from '../../ops/src/demo/table.ts';
import { atRate } from './arrivals.ts';
import { readOptions, yardstick } from './harness.ts';
import { Poster, randomOrder, stockUp } from './load-orders.ts';
import { Interval, type SoakedSystem } from './soak/interval.ts';

const prefixes = { databasePrefix: 'soak_', topicPrefix: 'soak.' };
const CUSTOMER = 'soak';
const MOST_AT_ONCE = 256;
const AUDIT_MS = 600_000;

interface Posted {
  /** Milliseconds of each accepted POST. */
  readonly latencies: number[];
  /** Responses other than 202. */
  refused: number;
}

/** Posts so many orders at a constant rate, however long the responses take. */
async function post(poster: Poster, count: number, perSecond: number): Promise<Posted> {
  const posted: Posted = { latencies: [], refused: 0 };
  await atRate(count, perSecond, async () => {
    const since = performance.now();
    try {
      await poster.post(randomOrder(CUSTOMER, true));
      posted.latencies.push(performance.now() - since);
    } catch (error) {
      posted.refused++;
      console.error(error instanceof Error ? error.message : error);
    }
  });
  return posted;
}

async function run(): Promise<boolean> {
  const { minutes, rate, every } = readOptions({ minutes: 120, rate: 30, every: 10 });
  const stack = await TemporaryStack.start('soak');
  const system = await stack.startSystem({ ...prefixes, env: {} });
  const client = new SystemClient(system.urls);
  const soaked: SoakedSystem = {
    ...prefixes,
    databaseUrl: stack.infrastructure.databaseUrl,
    logDir: join(stack.dir, 'kafka', 'logs'),
    infrastructurePids: stack.infrastructure.pids,
    pidOf: (name) => system.service(name).pid,
  };
  await stockUp(client, minutes * 60 * rate);
  console.log(`${yardstick()}\n${minutes} minutes, ${rate} orders/s`);
  const poster = new Poster(system.urls.orders, MOST_AT_ONCE);
  const rows: string[][] = [];
  let refused = 0;
  for (let done = 0; done < minutes; done += every) {
    const interval = await Interval.begin(soaked);
    const length = Math.min(every, minutes - done);
    const posted = await Promise.race([post(poster, length * 60 * rate, rate), stack.broken]);
    refused += posted.refused;
    rows.push([`${done + length}`, ...(await interval.end(posted.latencies))]);
    console.log(`\n${tableOf([['minute', ...Interval.heading], ...rows])}`);
  }
  poster.close();
  const { ok, findings } = await auditUntilPasses({ databaseUrl: soaked.databaseUrl, ...prefixes }, AUDIT_MS);
  for (const { rule, count } of findings) if (count > 0) console.log(`audit: ${count} times broken: ${rule}`);
  console.log(`audit: ${ok ? 'every rule holds' : 'failed'}; ${refused} orders were refused`);
  await system.stop();
  await stack.stop();
  return ok && refused === 0;
}

await runAndClean(run);
