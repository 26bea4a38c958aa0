/**
 * The cost of security: the same system with AUTH=off, with tokens, and with tokens, TLS, logins and least rights between the
 * parts, in alternating turns, each with the same load. The last has PostgreSQL, Kafka and a registry of its own.
 *   npm run secure-cost -- [--orders 3000] [--rounds 3] [--concurrency 32] [--warm-up 3000]
 * Every order must be confirmed, and the audit must pass.
 */
import { runAndClean, TemporaryStack } from '@orderflow/local';
import { tableOf } from '../../ops/src/demo/table.ts';
import { inRounds, medianOf, ratioOf, readOptions, type Rounds, type Side, spreadOf, yardstick } from './harness.ts';
import { type Cost, measureRun } from './secure-cost/measure.ts';

const ordersPerSecond = (it: Cost): number => it.ordersPerSecond;
const cpuMs = (it: Cost): number => it.cpuMs;

function ratiosOf(rounds: Rounds<Cost>, side: number, valueOf: (it: Cost) => number): string[] {
  const ratios = rounds.map((round) => valueOf(round[side]!) / valueOf(round[0]!));
  return [
    ratioOf(rounds, side, valueOf).toFixed(2),
    `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`,
  ];
}

function printTable(rounds: Rounds<Cost>, sides: readonly Side<Cost>[]): void {
  const rows = sides.map(({ name }, side) => [
    name,
    medianOf(rounds, side, ordersPerSecond).toFixed(0),
    spreadOf(rounds, side, ordersPerSecond),
    ...ratiosOf(rounds, side, ordersPerSecond),
    medianOf(rounds, side, cpuMs).toFixed(2),
    ...ratiosOf(rounds, side, cpuMs),
  ]);
  const heading = ['security', 'orders/s', 'spread', 'of off', 'spread', 'CPU ms per order', 'of off', 'spread'];
  console.log(`\n${tableOf([heading, ...rows])}`);
  console.log(`
Medians of ${rounds.length} rounds; "of off" is the median of the ratios within each round. Orders per second: until all are
settled. CPU: the services, the sandbox, PostgreSQL, Kafka and the registry.`);
}

async function run(): Promise<boolean> {
  const { rounds, ...load } = readOptions({ orders: 3000, rounds: 3, concurrency: 32, warmUp: 3000 });
  const plain = await TemporaryStack.start('secure-cost');
  const secure = await TemporaryStack.start('secure-cost', { secure: true });
  const modes = [
    { name: 'off', stack: plain, tokens: false },
    { name: 'tokens', stack: plain, tokens: true },
    { name: 'tokens, TLS, logins', stack: secure, tokens: true },
  ];
  const sides = modes.map(({ name, stack, tokens }, mode): Side<Cost> => {
    const measure = async (round: number): Promise<Cost> => {
      const cost = await measureRun(stack, `r${round}m${mode}`, tokens, load);
      const figures = `${cost.ordersPerSecond.toFixed(0).padStart(5)} orders/s  ${cost.cpuMs.toFixed(2)} CPU ms per order`;
      console.log(`${round === 0 ? 'not counted' : `round ${round}`.padEnd(11)}  ${name.padEnd(19)}  ${figures}`);
      return cost;
    };
    return { name, measure };
  });
  console.log(`${yardstick()}\n${load.orders} orders, ${load.concurrency} at a time, after ${load.warmUp} to warm up`);
  // PostgreSQL, Kafka and the page cache are cold in the first run of each stack.
  await sides[0]!.measure(0);
  await sides[2]!.measure(0);
  printTable(await inRounds(rounds, sides), sides);
  await plain.stop();
  await secure.stop();
  return true;
}

await runAndClean(run);
