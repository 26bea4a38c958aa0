/**
 * The cost of security: the same system with AUTH=off, with tokens, and with tokens, TLS, logins and least rights between the
 * parts, in alternating turns, each with the same load. The last has PostgreSQL, Kafka and a registry of its own.
 *   npm run secure-cost -- [--orders 3000] [--rounds 3] [--concurrency 32] [--warm-up 3000]
 * Every order must be confirmed, and the audit must pass.
 */
import { runAndClean, TemporaryStack } from '@orderflow/local';
import { costWords, printCosts } from './cost/cost.ts';
import { inRounds, printingTurns, readOptions, yardstick } from './harness.ts';
import { measureRun } from './secure-cost/measure.ts';

async function run(): Promise<boolean> {
  const { rounds, ...load } = readOptions({ orders: 3000, rounds: 3, concurrency: 32, warmUp: 3000 });
  const plain = await TemporaryStack.start('secure-cost');
  const secure = await TemporaryStack.start('secure-cost', { secure: true });
  const modes = [
    { name: 'off', stack: plain, tokens: false },
    { name: 'tokens', stack: plain, tokens: true },
    { name: 'tokens, TLS, logins', stack: secure, tokens: true },
  ];
  const sides = printingTurns(
    modes.map(({ name, stack, tokens }, mode) => ({
      name,
      measure: async (round: number) => measureRun(stack, `r${round}m${mode}`, tokens, load),
    })),
    costWords,
  );
  console.log(`${yardstick()}\n${load.orders} orders, ${load.concurrency} at a time, after ${load.warmUp} to warm up`);
  // PostgreSQL, Kafka and the page cache are cold in the first run of each stack.
  await sides[0]!.measure(0);
  await sides[2]!.measure(0);
  printCosts('security', await inRounds(rounds, sides), sides);
  await plain.stop();
  await secure.stop();
  return true;
}

await runAndClean(run);
