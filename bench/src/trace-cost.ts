/**
 * What tracing costs: the same system without it, with 5 % of the traces and with all of them, in turns on a stack of its own,
 * each with the same load. Spans go to a process that counts them and keeps nothing.
 *   npm run trace-cost -- [--orders 3000] [--rounds 3] [--concurrency 32] [--warm-up 3000]
 *   --assert   exit code 1 when all traces cost more than 25 % of the orders per second, or 5 % of them more than 5 %
 */
import { parseArgs } from 'node:util';
import { SetupError } from '@orderflow/local';
import { tableOf } from '../../ops/src/demo/table.ts';
import { TemporaryStack, runAndClean } from '@orderflow/local';
import { median } from './statistics.ts';
import { type Cost, type Load, measureRun, Sink } from './trace-cost/measure.ts';

type Env = Record<string, string>;

interface Mode {
  name: string;
  env: (endpoint: string) => Env;
  /** Share of the orders per second that it may cost. */
  mayCost: number;
}

const modes: readonly Mode[] = [
  // Empty, since the variable may be set where this program runs.
  { name: 'off', env: () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: '' }), mayCost: 0 },
  { name: '5 %', env: (url) => sampled(url, 'parentbased_traceidratio', '0.05'), mayCost: 0.05 },
  { name: 'full', env: (url) => sampled(url, 'parentbased_always_on', ''), mayCost: 0.25 },
];

const sampled = (url: string, sampler: string, argument: string): Env => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
  OTEL_TRACES_SAMPLER: sampler,
  OTEL_TRACES_SAMPLER_ARG: argument,
});

/** One for each mode, in their order. */
type Round = readonly Cost[];

function readOptions(): Load & { rounds: number; assert: boolean } {
  const { values } = parseArgs({
    options: {
      orders: { type: 'string', default: '3000' },
      rounds: { type: 'string', default: '3' },
      concurrency: { type: 'string', default: '32' },
      'warm-up': { type: 'string', default: '3000' },
      assert: { type: 'boolean', default: false },
    },
  });
  const count = (name: 'orders' | 'rounds' | 'concurrency' | 'warm-up'): number => {
    const value = Number(values[name]);
    if (Number.isInteger(value) && value > 0) return value;
    throw new SetupError(`--${name} must be a whole number above 0.`);
  };
  return {
    orders: count('orders'),
    rounds: count('rounds'),
    concurrency: count('concurrency'),
    warmUp: count('warm-up'),
    assert: values.assert,
  };
}

/** Of the ratios within each round: what the machine does besides changes from round to round. */
const ratioToOff = (rounds: readonly Round[], mode: number, valueOf: (cost: Cost) => number): number =>
  median(rounds.map((round) => valueOf(round[mode]!) / valueOf(round[0]!)));

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

function printTable(rounds: readonly Round[]): void {
  const rows = modes.map(({ name }, mode) => {
    const of = (valueOf: (cost: Cost) => number) => median(rounds.map((round) => valueOf(round[mode]!)));
    return [
      name,
      of((it) => it.ordersPerSecond).toFixed(0),
      percent(ratioToOff(rounds, mode, (it) => it.ordersPerSecond)),
      of((it) => it.cpuMs).toFixed(2),
      percent(ratioToOff(rounds, mode, (it) => it.cpuMs)),
      of((it) => it.spansPerOrder).toFixed(1),
      (of((it) => it.bytesPerOrder) / 1024).toFixed(1),
      of((it) => it.sinkCpuMs).toFixed(2),
    ];
  });
  const heading = ['tracing', 'orders/s', 'of off', 'CPU ms per order', 'of off', 'spans per order', 'KiB per order'];
  console.log(`\n${tableOf([[...heading, 'sink, CPU ms per order'], ...rows])}`);
}

function printNotes(rounds: number): void {
  console.log(`
Medians of ${rounds} rounds; "of off" is the median of the ratios within each round. Orders per second: until all are settled.
CPU: the four services and the sandbox, until their last span is sent. The sink, which takes the place of a collector, is not in
it, but works on the same cores.`);
}

async function measureRounds(stack: TemporaryStack, sink: Sink, rounds: number, load: Load): Promise<Round[]> {
  const once = async (round: number, mode: number): Promise<Cost> => {
    const { name, env } = modes[mode]!;
    const cost = await measureRun(stack, sink, `r${round}m${mode}`, env(sink.url), load);
    const figures = `${cost.ordersPerSecond.toFixed(0).padStart(5)} orders/s  ${cost.cpuMs.toFixed(2)} CPU ms per order`;
    console.log(`${round === 0 ? 'not counted' : `round ${round}`.padEnd(11)}  ${name.padEnd(4)}  ${figures}`);
    return cost;
  };
  // PostgreSQL, Kafka and the page cache are cold in the first run, whichever it is.
  await once(0, 0);
  const measured: Round[] = [];
  for (let round = 1; round <= rounds; round++) {
    const costs: Cost[] = [];
    for (const mode of modes.keys()) costs.push(await once(round, mode));
    measured.push(costs);
  }
  return measured;
}

async function run(): Promise<boolean> {
  const { rounds, assert, ...load } = readOptions();
  const stack = await TemporaryStack.start('trace-cost');
  console.log(`${load.orders} orders, ${load.concurrency} at a time, after ${load.warmUp} to warm up`);
  const measured = await measureRounds(stack, await Sink.start(), rounds, load);
  printTable(measured);
  printNotes(rounds);
  const dear = modes.filter(
    ({ mayCost }, mode) => 1 - ratioToOff(measured, mode, (it) => it.ordersPerSecond) > mayCost,
  );
  for (const { name, mayCost } of dear)
    console.log(`${name} costs more than ${percent(mayCost)} of the orders per second`);
  await stack.stop();
  return !assert || dear.length === 0;
}

await runAndClean(run);
