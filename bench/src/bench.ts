/**
 * What an order costs and how long it takes, in alternating turns of the systems on one PostgreSQL and one Kafka:
 *   npm run bench -- [--rounds 3] [--orders 2000] [--concurrency 64] [--seconds 20] [--backlog 2000]
 *   --systems ours,idiomatic,unsafe,dbos   all but ours are in bench/peers, and are installed when they are asked for
 *   --growth [--past 10000,100000]   instead: what the cost of an order grows with; of ours, where no --systems are given
 *   --profile   instead: a CPU profile and a flame graph of each service; of ours, where no --systems are given
 *   --quick   a few orders of everything, of ours where no --systems are given: whether the figures would count
 *   --out     folder of bench.json and bench.svg, of growth.json, or of profiles/
 * Only one system runs at a time. Each turn begins with empty databases and topics, and ends with a check that every accepted
 * order was settled, charged, mailed and taken from stock once; a system that fails it gets no figures. Then services are
 * killed in the middle of orders. docs/performance.md says how to read it.
 */
import { Shop } from '@orderflow/console/shop';
import { connected, databaseUrlOf, runAndClean, SetupError, TemporaryStack } from '@orderflow/local';
import { join } from 'node:path';
import { root } from '../../ops/src/demo/running-system.ts';
import { readOptions, yardstick } from './harness.ts';
import { compare, type CompareSize } from './modes/compare.ts';
import { grow } from './modes/grow.ts';
import { profile } from './modes/profile.ts';
import type { GrowthSize } from './phases/cost-growth.ts';
import { startSink } from './spans.ts';
import { dbos } from './systems/dbos-peer.ts';
import type { Contender } from './systems/measured-system.ts';
import { idiomatic, unsafe } from './systems/nestjs-peer.ts';
import { ours } from './systems/ours.ts';
import { growingMarketOf, marketOf } from './workloads.ts';

const SEED = 1;
const SHARES = [0.1, 0.25, 0.5, 0.8];

type Size = CompareSize & GrowthSize & { readonly sales: number };

const QUICK: Size = {
  rounds: 1,
  sales: 40,
  orders: 200,
  concurrency: 64,
  warmUp: 20,
  seconds: 4,
  shares: [0.5],
  backlog: 100,
  killed: 100,
  past: [400],
};

/** By their names on the command line. */
const contenders: Readonly<Record<string, (stack: TemporaryStack, sinkUrl: string) => Contender>> = {
  ours,
  idiomatic,
  unsafe,
  dbos,
};

function namesIn(list: string): string[] {
  const names = list.split(',');
  const unknown = names.find((name) => !(name in contenders));
  if (unknown === undefined) return names;
  throw new SetupError(`--systems knows ${Object.keys(contenders).join(', ')}, but not ${unknown}.`);
}

function countsIn(list: string): number[] {
  const counts = list.split(',').map(Number);
  if (counts.every((count) => Number.isInteger(count) && count > 0)) return counts.toSorted((a, b) => a - b);
  throw new SetupError(`--past takes numbers of orders, separated by commas, but not ${list}.`);
}

/** The settings on which it depends that an acknowledged order survives a kill. */
async function durability(databaseUrl: string): Promise<string> {
  return connected(databaseUrlOf(databaseUrl, 'postgres'), async (client) => {
    const show = async (name: string) =>
      Object.values((await client.query(`SHOW ${name}`)).rows[0] as Record<string, string>)[0];
    const [fsync, commit] = [await show('fsync'), await show('synchronous_commit')];
    return `PostgreSQL: fsync ${fsync}, synchronous_commit ${commit}; Kafka: one broker, acks all; 5 % of our traces sampled`;
  });
}

async function run(): Promise<boolean> {
  const defaults = {
    rounds: 3,
    orders: 2000,
    concurrency: 64,
    warmUp: 500,
    seconds: 20,
    backlog: 2000,
    killed: 500,
    sales: 400,
    past: '10000,100000',
    systems: '',
    out: join(root, '.data', 'bench'),
    quick: false,
    growth: false,
    profile: false,
  };
  const { quick, growth, profile: isProfiled, systems: list, past, out, ...given } = readOptions(defaults);
  const size: Size = quick ? QUICK : { ...given, shares: SHARES, past: countsIn(past) };
  const isOfOurs = quick || growth || isProfiled;
  const names = namesIn(list || (isOfOurs ? 'ours' : Object.keys(contenders).join(',')));
  const stack = await TemporaryStack.start('bench');
  const sink = await startSink();
  const systems = names.map((name) => contenders[name]!(stack, sink.url));
  const shop = new Shop(SEED);
  const place = { stack, sink, market: growth ? growingMarketOf(shop) : marketOf(shop, size.sales) };
  const settings = await durability(stack.infrastructure.databaseUrl);
  const machine = yardstick();
  console.log(`${machine}\n${settings}`);
  const about = { machine, settings };
  const measured = growth
    ? grow(place, systems, size, out, about)
    : isProfiled
      ? profile(place, systems, size, out)
      : compare(place, systems, size, out, about);
  const succeeded = await measured;
  await stack.stop();
  return succeeded;
}

await runAndClean(run);
