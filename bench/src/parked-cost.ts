/**
 * What one parked order costs the others: the same orders at a constant rate without and with one order that is parked for as
 * long as they flow, in turns on one system of its own; the order within a round changes from round to round.
 *   npm run parked-cost -- [--orders 1000] [--seconds 60] [--rounds 3]
 *   --assert   exit code 1 when the others' p99 is more than a fifth longer beside it
 * Latency is from the request until the mail is on the record (`NotificationSent`, by the broker's clock). The parked order
 * must end confirmed each time, with its events in order.
 */
import { parseArgs } from 'node:util';
import { SetupError } from '@orderflow/local';
import { tableOf } from '../../ops/src/demo/table.ts';
import { Shop } from '../../ops/src/demo/shop.ts';
import { stockUp } from './load-run.ts';
import { TemporaryStack, runAndClean } from '@orderflow/local';
import { Ear } from './parked-cost/ear.ts';
import { flow, type Latencies } from './parked-cost/flow.ts';
import { Victim } from './parked-cost/victim.ts';
import { median } from './statistics.ts';

const MAY_COST = 1.2;
const prefixes = { databasePrefix: 'parked_cost_', topicPrefix: 'parked-cost.' };

interface Round {
  without: Latencies;
  beside: Latencies;
  parkedMs: number;
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      orders: { type: 'string', default: '1000' },
      seconds: { type: 'string', default: '60' },
      rounds: { type: 'string', default: '3' },
      assert: { type: 'boolean', default: false },
    },
  });
  const count = (name: 'orders' | 'seconds' | 'rounds'): number => {
    const value = Number(values[name]);
    if (Number.isInteger(value) && value > 0) return value;
    throw new SetupError(`--${name} must be a whole number above 0.`);
  };
  return { orders: count('orders'), seconds: count('seconds'), rounds: count('rounds'), assert: values.assert };
}

const ms = (value: number): string => `${value.toFixed(0)} ms`;

const ratioOf = (rounds: readonly Round[], valueOf: (it: Latencies) => number): number =>
  median(rounds.map(({ without, beside }) => valueOf(beside) / valueOf(without)));

function printTable(rounds: readonly Round[]): void {
  const row = (name: string, of: (valueOf: (it: Latencies) => number) => string) => [
    name,
    of((it) => it.p50),
    of((it) => it.p99),
  ];
  const medianOf = (side: 'without' | 'beside') => (valueOf: (it: Latencies) => number) =>
    ms(median(rounds.map((round) => valueOf(round[side]))));
  console.log(
    `\n${tableOf([
      ['others', 'p50', 'p99'],
      row('without a parked order', medianOf('without')),
      row('beside one', medianOf('beside')),
      row('median of the ratios within a round', (valueOf) => ratioOf(rounds, valueOf).toFixed(2)),
    ])}`,
  );
}

async function run(): Promise<boolean> {
  const { orders, seconds, rounds, assert } = readOptions();
  const stack = await TemporaryStack.start('parked-cost');
  const system = await stack.startSystem({ ...prefixes, env: { sandbox: { SLOW_SECONDS: '1' } } });
  const shop = new Shop(system.urls);
  await stockUp(shop, 'parked-cost', (2 * rounds + 1) * orders + rounds);
  const ear = await Ear.open(stack.infrastructure.kafkaBrokers, prefixes.topicPrefix);
  const load = (count: number, inSeconds: number) =>
    Promise.race([flow(system.urls.orders, ear, count, inSeconds * 1000), stack.broken]);

  console.log(`${orders} orders in ${seconds} s, ${rounds} rounds`);
  await load(orders, seconds / 2);
  const done: Round[] = [];
  for (let round = 1; round <= rounds; round++) {
    const beside = async (): Promise<Pick<Round, 'beside' | 'parkedMs'>> => {
      const victim = await Victim.park(stack.infrastructure.databaseUrl, prefixes, shop, ear);
      const latencies = await load(orders, seconds);
      return { beside: latencies, parkedMs: await victim.letGo() };
    };
    const without = async () => ({ without: await load(orders, seconds) });
    // What the machine does besides grows or fades: neither side always has the first half of it.
    const measured: Round =
      round % 2 === 1 ? { ...(await without()), ...(await beside()) } : { ...(await beside()), ...(await without()) };
    done.push(measured);
    console.log(
      `round ${round}: p99 ${ms(measured.without.p99)} without, ${ms(measured.beside.p99)} beside an order that was parked for ${(measured.parkedMs / 1000).toFixed(1)} s and then ended in order`,
    );
  }
  printTable(done);
  const ratio = ratioOf(done, (it) => it.p99);
  if (ratio > MAY_COST)
    console.log(`A parked order costs the others more than a fifth of their p99: ${ratio.toFixed(2)}`);
  await ear.close();
  await system.stop();
  await stack.stop();
  return !assert || ratio <= MAY_COST;
}

await runAndClean(run);
