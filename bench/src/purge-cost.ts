/**
 * What the purge of a large inbox costs, on a PostgreSQL of its own: in each cycle ids are added, the clock of the session goes
 * on until as many are nine days old, and they are deleted as a service does it, 10,000 at a time.
 *   npm run purge-cost -- [--rows 3000000] [--ids 300000] [--cycles 4]
 * The figures are recorded in docs/growth.md.
 */
import { join } from 'node:path';
import { Inbox, type Sql } from '@orderflow/durable';
import {
  connected,
  databaseUrlOf,
  freePort,
  migrate,
  runAndClean,
  startPostgres,
  temporaryFolder,
} from '@orderflow/local';
import { root } from '../../ops/src/demo/running-system.ts';
import { tableOf } from '../../ops/src/demo/table.ts';
import { readOptions, yardstick } from './harness.ts';

const CONSUMER = 'purge-cost';
/** How long the inbox keeps an id. */
const KEPT_SECONDS = 9 * 86_400;
/** In one statement: a service adds a batch at a time. */
const ADDED_AT_ONCE = 1_000;

// Found before that of pg_catalog: `now()` of this session is what a setting says.
const CLOCK = [
  `CREATE FUNCTION public.now() RETURNS timestamptz LANGUAGE sql STABLE
     AS $$ SELECT timestamptz 'epoch' + current_setting('purge_cost.seconds')::float8 * interval '1 s' $$`,
  'SET search_path = public, pg_catalog',
];

const setClock = async (sql: Sql, seconds: number): Promise<unknown> =>
  sql.query(`SELECT set_config('purge_cost.seconds', $1, false)`, [String(seconds)]);

/** @returns the milliseconds that it took, and its result */
async function timed<T>(work: () => Promise<T>): Promise<[ms: number, result: T]> {
  const since = performance.now();
  const result = await work();
  return [performance.now() - since, result];
}

/** Adds ids whose times of arrival ascend over the last `seconds`. */
async function addIds(sql: Sql, ids: number, seconds: number): Promise<void> {
  for (let added = 0; added < ids; added += ADDED_AT_ONCE)
    await sql.query(
      `INSERT INTO inbox (consumer, event_id, received_at)
       SELECT $1, gen_random_uuid(), now() - make_interval(secs => $2::float8 * (1 - (i - 0.5) / $3::float8))
       FROM generate_series($4::int, $5::int) AS i`,
      [CONSUMER, seconds, ids, added + 1, Math.min(added + ADDED_AT_ONCE, ids)],
    );
}

/** Deletes all that is old enough. @returns the milliseconds of each delete, the last of which finds less than it may take */
async function purge(sql: Sql, inbox: Inbox): Promise<number[]> {
  const times: number[] = [];
  for (let mayBeMore = true; mayBeMore;) {
    const [ms, more] = await timed(async () => inbox.purge(sql));
    times.push(ms);
    mayBeMore = more;
  }
  return times;
}

async function measure(sql: Sql, { rows, ids, cycles }: { rows: number; ids: number; cycles: number }): Promise<void> {
  for (const statement of CLOCK) await sql.query(statement);
  const began = Date.now() / 1000;
  await setClock(sql, began);
  await addIds(sql, rows, KEPT_SECONDS);
  const inbox = new Inbox(CONSUMER);
  const cycleSeconds = (KEPT_SECONDS * ids) / rows;
  const measured: string[][] = [];
  for (let cycle = 1; cycle <= cycles; cycle++) {
    await setClock(sql, began + cycle * cycleSeconds);
    const [added] = await timed(async () => addIds(sql, ids, cycleSeconds));
    const deletes = await purge(sql, inbox);
    const [look] = await timed(async () => inbox.purge(sql));
    measured.push([
      String(cycle),
      (added / 1000).toFixed(1),
      String(deletes.length),
      Math.max(...deletes).toFixed(0),
      look.toFixed(1),
    ]);
  }
  const [left] = await sql.query<{ count: number }>('SELECT count(*)::int AS count FROM inbox');
  if (left!.count !== rows) throw new Error(`${left!.count} ids are left, not ${rows}`);
  const heading = ['cycle', 'added in, s', 'deletes', 'slowest, ms', 'a look that finds nothing, ms'];
  console.log(`\n${tableOf([heading, ...measured])}`);
}

async function run(): Promise<boolean> {
  const options = readOptions({ rows: 3_000_000, ids: 300_000, cycles: 4 });
  const dir = temporaryFolder('purge-cost');
  const log = join(dir, 'postgres.log');
  const postgres = await startPostgres({ dataDir: join(dir, 'postgres'), port: await freePort(), log });
  const databaseUrl = databaseUrlOf(postgres.url, 'orders');
  await migrate({ databaseUrl, folder: join(root, 'prisma', 'orders', 'migrations') });
  console.log(`${yardstick()}\n${options.rows} ids, ${options.ids} more and as many less in each cycle`);
  await connected(databaseUrl, async (client) => {
    const query: Sql['query'] = async <Row>(text: string, values: readonly unknown[] = []) =>
      (await client.query(text, [...values])).rows as Row[];
    await measure({ query }, options);
  });
  await postgres.stop();
  return true;
}

await runAndClean(run);
