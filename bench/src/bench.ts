/**
 * What an order costs and how long it takes, in alternating turns of the systems on one PostgreSQL and one Kafka:
 *   npm run bench -- [--rounds 3] [--orders 2000] [--concurrency 64] [--seconds 20] [--backlog 2000]
 *   --systems ours,idiomatic,unsafe   the last two are in bench/peers, and are installed when they are asked for
 *   --quick   a few orders of everything, ours alone: whether the figures would count
 *   --out     folder of bench.json and bench.svg
 * Only one system runs at a time. Each turn begins with empty databases and topics, and ends with a check that every accepted
 * order was settled, charged, mailed and taken from stock once; a system that fails it gets no figures. Then services are
 * killed in the middle of orders. docs/performance.md says how to read it.
 */
import { Shop } from '@orderflow/console/shop';
import { connected, databaseUrlOf, runAndClean, SetupError, TemporaryStack } from '@orderflow/local';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../ops/src/demo/running-system.ts';
import { wordsOf } from './checks/verdict.ts';
import { inRounds, readOptions, type Rounds, type Side, yardstick } from './harness.ts';
import { killEach, type Kills, type KillSize, survived } from './phases/killed.ts';
import type { Place } from './phases/run.ts';
import { takeTurn, type Turn, type TurnSize } from './phases/turn.ts';
import { mediansOf } from './report/figures-table.ts';
import { type Bar, plotOf } from './report/plot.ts';
import { printReport } from './report/print-report.ts';
import { startSink } from './spans.ts';
import type { Contender } from './systems/measured-system.ts';
import { idiomatic, unsafe } from './systems/nestjs-peer.ts';
import { ours } from './systems/ours.ts';
import { marketOf, type Workload } from './workloads.ts';

const SEED = 1;
const SHARES = [0.25, 0.5, 0.8];

type Size = TurnSize & KillSize & { readonly rounds: number; readonly sales: number };

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
};

/** By their names on the command line. */
const contenders: Readonly<Record<string, (stack: TemporaryStack, sinkUrl: string) => Contender>> = {
  ours,
  idiomatic,
  unsafe,
};

function namesIn(list: string): string[] {
  const names = list.split(',');
  const unknown = names.find((name) => !(name in contenders));
  if (unknown === undefined) return names;
  throw new SetupError(`--systems knows ${Object.keys(contenders).join(', ')}, but not ${unknown}.`);
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

function write(folder: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, name), content);
    console.log(join(folder, name));
  }
}

/** A bar for each system that was sound, by workload. */
const barsOf = (names: readonly string[], workloads: readonly Workload[], rounds: Rounds<Turn>): Bar[] =>
  workloads.flatMap((workload, index) =>
    names.flatMap((name, side) => {
      const figures = mediansOf(rounds, side, index);
      return figures === undefined ? [] : [{ name: `${name}, ${workload.name}`, figures }];
    }),
  );

/** Every system takes its turns, and is then killed in parts. */
async function measure(place: Place, systems: readonly Contender[], size: Size) {
  const { broken } = place.stack;
  const sides = systems.map((contender, index): Side<Turn> => {
    const { name } = contender;
    const turnOf = async (round: number): Promise<Turn> => {
      const turn = await Promise.race([takeTurn(place, contender, `r${round}s${index}`, size), broken]);
      console.log(`round ${round}: ${name}: ${wordsOf(turn.verdict)}`);
      return turn;
    };
    return { name, measure: turnOf };
  });
  const rounds = await inRounds(size.rounds, sides);
  const kills: Kills[] = [];
  for (const [index, contender] of systems.entries())
    kills.push(await Promise.race([killEach(place, contender, `k${index}`, size), broken]));
  return { rounds, kills };
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
    systems: Object.keys(contenders).join(','),
    out: join(root, '.data', 'bench'),
    quick: false,
  };
  const { quick, systems: list, out, ...given } = readOptions(defaults);
  const size: Size = quick ? QUICK : { ...given, shares: SHARES };
  const names = namesIn(quick ? 'ours' : list);
  const stack = await TemporaryStack.start('bench');
  const sink = await startSink();
  const systems = names.map((name) => contenders[name]!(stack, sink.url));
  const market = marketOf(new Shop(SEED), size.sales);
  const settings = await durability(stack.infrastructure.databaseUrl);
  const machine = yardstick();
  console.log(`${machine}\n${settings}`);
  const { rounds, kills } = await measure({ stack, sink, market }, systems, size);
  printReport({ systems, workloads: market.workloads, rounds, kills });
  const lacks = Object.fromEntries(systems.map((it) => [it.name, it.lacks]));
  write(out, {
    'bench.json': `${JSON.stringify({ machine, settings, size, lacks, rounds, kills }, undefined, 2)}\n`,
    'bench.svg': plotOf(barsOf(names, market.workloads, rounds)),
  });
  await stack.stop();
  const own = names.indexOf('ours');
  return own === -1 || (rounds.every((round) => round[own]!.sound) && survived(kills[own]!));
}

await runAndClean(run);
