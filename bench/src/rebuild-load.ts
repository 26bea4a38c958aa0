/**
 * Rebuilds order views, snapshots and the journal of a system of its own that holds many orders, while more are placed and
 * orders are read. Each rebuild is killed once in each of its phases, run again each time, and switched.
 *   npm run rebuild-load -- [--orders 100000] [--rate 50] [--reads 50] [--seconds 60] [--concurrency 32]
 * `--rate` orders and `--reads` reads a second go on until all is rebuilt; before the first rebuild they are measured for
 * `--seconds`. The exit code is 1 unless each read has succeeded, each row that was made wrong was found and mended, a
 * comparison at the end finds no other one, every accepted order is there, and the audit passes.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, SystemClient } from '@orderflow/client';
import { connected, freePort, runAndClean, startConsole, TemporaryStack } from '@orderflow/local';
import { tableOf } from '../../ops/src/demo/table.ts';
import { untilRead } from './console-cost/measure.ts';
import { demandAudit } from './cost/cost.ts';
import { readOptions, yardstick } from './harness.ts';
import { stockUp } from './load-orders.ts';
import { placeAndSettle } from './load-run.ts';
import { Readers, type Reads } from './rebuild-load/readers.ts';
import { Rebuilds, type Rebuilt } from './rebuild-load/rebuild.ts';
import { type Target, targets } from './rebuild-load/targets.ts';
import { Traffic } from './rebuild-load/traffic.ts';
import type { Result } from './rebuild-load/words.ts';
import { quantile } from './statistics.ts';

const prefixes = { databasePrefix: 'rebuild_load_', topicPrefix: 'rebuild-load.' };
const CUSTOMER = 'rebuild-load';
const PLACED_AT_A_TIME = 5_000;
/** Orders whose rows are made wrong before each rebuild. */
const PLANTED = 10;
const READ_FIRST = 1_000;
/** Stock for as long. */
const LONGEST_SECONDS = 14_400;
const REST_MS = 600_000;
const NAMED = 10;

interface Options {
  readonly rate: number;
  readonly reads: number;
  readonly seconds: number;
}

interface Row {
  readonly target: Target;
  readonly rebuilt: Rebuilt;
  readonly reads: Reads;
}

/** As many at a time as are read back in seconds. */
async function placeAll(client: SystemClient, orders: number, concurrency: number): Promise<void> {
  for (let placed = 0; placed < orders; placed += PLACED_AT_A_TIME) {
    const count = Math.min(PLACED_AT_A_TIME, orders - placed);
    const { settledSeconds } = await placeAndSettle(client, `before-${placed}`, { orders: count, concurrency });
    console.log(`${placed + count} orders, ${(count / settledSeconds).toFixed(0)} a second`);
  }
}

/** Confirmed orders, in the order of their ids. */
async function someOrders(databaseUrl: string, count: number): Promise<string[]> {
  return connected(databaseUrl, async (client) => {
    const { rows } = await client.query<{ id: string }>(
      `SELECT order_id AS id FROM order_views WHERE settled AND status = 'confirmed' ORDER BY random() LIMIT $1`,
      [count],
    );
    return rows.map(({ id }) => id).toSorted();
  });
}

/** @returns the accepted orders that are missing, once all that are there are settled */
async function missingOrders(databaseUrl: string, accepted: readonly string[]): Promise<string[]> {
  return connected(databaseUrl, async (client) => {
    const missing = async () => {
      const { rows } = await client.query<{ id: string }>(
        'SELECT id FROM unnest($1::uuid[]) AS id WHERE NOT EXISTS (SELECT FROM order_views WHERE order_id = id)',
        [accepted],
      );
      return rows.map(({ id }) => id);
    };
    const isAtRest = async () => {
      const { rows } = await client.query('SELECT 1 FROM order_views WHERE NOT settled LIMIT 1');
      return rows.length === 0 && (await missing()).length === 0;
    };
    return eventually(isAtRest, REST_MS).then(() => [], missing);
  });
}

const ms = (latencies: readonly number[], share: number): string => quantile(latencies, share).toFixed(0);

function printRow({ target, rebuilt, reads }: Row): void {
  const { rows, kills, seconds, wrong } = rebuilt;
  const failed = `${reads.faults.length} of ${reads.latencies.length} reads failed`;
  console.log(`${target.name}: ${rows} rows in ${seconds.toFixed(1)} s, ${kills} kills, ${wrong} wrong; ${failed}`);
}

/** @param left what dry runs at the end say of each */
function printTable(rows: readonly Row[], before: Reads, left: readonly Result[]): void {
  const heading = ['rebuild', 'rows', 'kills', 'all runs, s', 'last run, s', 'reads', 'failed', 'p50, ms', 'p99, ms'];
  const body = rows.map(({ target, rebuilt, reads: { latencies, faults } }, index) => [
    target.name,
    String(rebuilt.rows),
    String(rebuilt.kills),
    rebuilt.seconds.toFixed(1),
    rebuilt.lastSeconds.toFixed(1),
    String(latencies.length),
    String(faults.length),
    ms(latencies, 0.5),
    ms(latencies, 0.99),
    String(left[index]!.lacking),
  ]);
  const { latencies, faults } = before;
  const reads = [String(latencies.length), String(faults.length), ms(latencies, 0.5), ms(latencies, 0.99)];
  console.log(`\n${tableOf([[...heading, 'lost'], ['(before)', '', '', '', '', ...reads, ''], ...body])}`);
}

/** @returns whether there is none */
function isNone(what: string, faults: readonly string[]): boolean {
  if (faults.length === 0) return true;
  console.log(`${faults.length} ${what}:\n${faults.slice(0, NAMED).join('\n')}`);
  return false;
}

const isFound = ({ target, rebuilt }: Row): boolean =>
  rebuilt.isDone && rebuilt.lacking === 0 && (target.isAllOrNothing ? rebuilt.wrong === PLANTED : rebuilt.wrong > 0);

async function rebuildAll(rebuilds: Rebuilds, readers: Readers, planted: readonly string[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [index, target] of targets.entries()) {
    const own = planted.slice(index * PLANTED, (index + 1) * PLANTED);
    const rebuilt = await rebuilds.killedAndResumed(target, own);
    const row = { target, rebuilt, reads: readers.take() };
    printRow(row);
    rows.push(row);
  }
  return rows;
}

/** A system with its console, and what goes on in it. */
interface Loaded {
  readonly client: SystemClient;
  readonly consoleUrl: string;
  readonly rebuilds: Rebuilds;
  /** Of orders. */
  readonly databaseUrl: string;
}

/** Rebuilds all while orders are placed and read. @returns whether nothing failed, and nothing is missing afterwards */
async function measure({ client, consoleUrl, rebuilds, databaseUrl }: Loaded, options: Options): Promise<boolean> {
  const planted = await someOrders(databaseUrl, PLANTED * targets.length);
  const read = (await someOrders(databaseUrl, READ_FIRST)).filter((id) => !planted.includes(id));
  const traffic = new Traffic(client.urls.orders, CUSTOMER);
  const readers = new Readers(client.urls.orders, consoleUrl, read, planted);
  traffic.begin(options.rate);
  readers.begin(options.reads);
  await sleep(options.seconds * 1000);
  const before = readers.take();
  const rows = await rebuildAll(rebuilds, readers, planted);
  await Promise.all([readers.end(), traffic.end()]);
  const reads = [before, ...rows.map((row) => row.reads), readers.take()];

  const missing = await missingOrders(databaseUrl, traffic.accepted);
  await untilRead(consoleUrl, client, CUSTOMER);
  const left: Result[] = [];
  for (const { name } of targets) left.push(await rebuilds.compared(name));
  printTable(rows, before, left);
  const unfound = rows.filter((row) => !isFound(row));
  const unmended = targets.filter((_, index) => left[index]!.wrong + left[index]!.lacking > 0);
  return [
    isNone(
      'reads failed',
      reads.flatMap(({ faults }) => faults),
    ),
    isNone('orders were not accepted', traffic.refused),
    isNone('accepted orders are missing', missing),
    isNone(
      'rebuilds found other rows than those that were made wrong',
      unfound.map(({ target }) => target.name),
    ),
    isNone(
      'rebuilds left rows that are wrong or lack an event',
      unmended.map(({ name }) => name),
    ),
  ].every(Boolean);
}

async function run(): Promise<boolean> {
  const options = readOptions({ orders: 100_000, rate: 50, reads: 50, seconds: 60, concurrency: 32 });
  const { orders, rate, reads, concurrency } = options;
  const stack = await TemporaryStack.start('rebuild-load');
  const { infrastructure, dir, broken } = stack;
  console.log(`${yardstick()}\n${orders} orders, then ${rate} orders/s and ${reads} reads/s`);
  const system = await stack.startSystem({ ...prefixes, env: {} });
  const { urls } = system;
  const log = join(dir, 'logs');
  const own = await startConsole({ infrastructure, ...prefixes, urls, log, port: await freePort() });
  const client = new SystemClient(urls);
  const rebuilds = await Rebuilds.of(stack, prefixes);
  await stockUp(client, orders + rate * LONGEST_SECONDS);
  await Promise.race([placeAll(client, orders, concurrency), broken]);
  await untilRead(own.url, client, 'before-0');
  const loaded = { client, consoleUrl: own.url, rebuilds, databaseUrl: rebuilds.databaseUrlOf('order-views') };
  const isRight = await Promise.race([measure(loaded, options), broken]);
  await demandAudit(stack, prefixes, REST_MS);
  console.log('audit: every rule holds');
  await own.stop();
  await system.stop();
  await stack.stop();
  return isRight;
}

await runAndClean(run);
