/**
 * The cost of tracing: the same system without it, with 5 % of the traces and with all of them, in alternating turns on a stack
 * of its own, each with the same load. Spans go to a process that counts them and keeps nothing.
 *   npm run trace-cost -- [--orders 3000] [--rounds 3] [--concurrency 32] [--warm-up 3000]
 *   --assert   exit code 1 when all traces cost more than 25 % of the orders per second, or 5 % of them more than 5 %
 */
import { TemporaryStack, runAndClean } from '@orderflow/local';
import { tableOf } from '../../ops/src/demo/table.ts';
import { costWords } from './cost/cost.ts';
import {
  inRounds,
  medianOf,
  printingTurns,
  ratioOf,
  readOptions,
  type Rounds,
  spreadOf,
  yardstick,
} from './harness.ts';
import { sampled, startSink } from './spans.ts';
import { type Cost, measureRun } from './trace-cost/measure.ts';

type Env = Record<string, string>;

interface Mode {
  name: string;
  env: (endpoint: string) => Env;
  /** Share of the orders per second that it may cost. */
  mayCost: number;
}

const modes: readonly Mode[] = [
  // Disabled, since an endpoint may be set where this program runs.
  { name: 'off', env: () => ({ OTEL_SDK_DISABLED: 'true' }), mayCost: 0 },
  { name: '5 %', env: (url) => sampled(url, 'parentbased_traceidratio', '0.05'), mayCost: 0.05 },
  { name: 'full', env: (url) => sampled(url, 'parentbased_always_on', ''), mayCost: 0.25 },
];

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

const ordersPerSecond = (it: Cost): number => it.ordersPerSecond;

function printTable(rounds: Rounds<Cost>): void {
  const rows = modes.map(({ name }, mode) => {
    const of = (valueOf: (cost: Cost) => number) => medianOf(rounds, mode, valueOf);
    return [
      name,
      of(ordersPerSecond).toFixed(0),
      spreadOf(rounds, mode, ordersPerSecond),
      percent(ratioOf(rounds, mode, ordersPerSecond)),
      of((it) => it.cpuMs).toFixed(2),
      percent(ratioOf(rounds, mode, (it) => it.cpuMs)),
      of((it) => it.spansPerOrder).toFixed(1),
      (of((it) => it.bytesPerOrder) / 1024).toFixed(1),
      of((it) => it.sinkCpuMs).toFixed(2),
    ];
  });
  const heading = ['tracing', 'orders/s', 'spread', 'of off', 'CPU ms per order', 'of off', 'spans per order'];
  console.log(`\n${tableOf([[...heading, 'KiB per order', 'sink, CPU ms per order'], ...rows])}`);
  console.log(`
Medians of ${rounds.length} rounds; "of off" is the median of the ratios within each round. Orders per second: until all are
settled. CPU: the four services and the sandbox, until their last span is sent. The sink, which replaces a collector, is not
included, but works on the same cores.`);
}

async function run(): Promise<boolean> {
  const defaults = { orders: 3000, rounds: 3, concurrency: 32, warmUp: 3000, assert: false };
  const { rounds, assert, ...load } = readOptions(defaults);
  const stack = await TemporaryStack.start('trace-cost');
  const sink = await startSink();
  const sides = printingTurns(
    modes.map(({ name, env }, mode) => ({
      name,
      measure: async (round: number) => measureRun(stack, sink, `r${round}m${mode}`, env(sink.url), load),
    })),
    costWords,
  );
  console.log(`${yardstick()}\n${load.orders} orders, ${load.concurrency} at a time, after ${load.warmUp} to warm up`);
  // PostgreSQL, Kafka and the page cache are cold in the first run.
  await sides[0]!.measure(0);
  const measured = await inRounds(rounds, sides);
  printTable(measured);
  const tooDear = modes.filter(({ mayCost }, mode) => 1 - ratioOf(measured, mode, ordersPerSecond) > mayCost);
  for (const { name, mayCost } of tooDear)
    console.log(`${name} costs more than ${percent(mayCost)} of the orders per second`);
  await stack.stop();
  return !assert || tooDear.length === 0;
}

await runAndClean(run);
