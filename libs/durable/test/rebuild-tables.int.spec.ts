import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TestDatabase } from '@orderflow/testing';
import { Connection, Database, PostgresStore, systemClock } from '../src/index.js';
import { type Compared, Comparison } from '../src/rebuild/comparison.js';
import { ShadowGroup } from '../src/rebuild/shadow-group.js';
import { ShadowTable, swapTables } from '../src/rebuild/shadow-table.js';

const own = new TestDatabase('orders');
const model = {
  table: 'order_views',
  key: 'order_id',
  versions: ['version', 'inventory_seq', 'payments_seq', 'notifications_seq'],
  since: 'placed_at',
};
const shadow = new ShadowTable('order_views', 'rebuild');
const comparison = new Comparison(model, shadow.name, 'orders.views');
let connection: Connection;

const query = <Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> =>
  connection.session((sql) => sql.query<Row>(text, values));
const transaction: Parameters<Comparison['pages']>[0] = (work) => connection.transaction(work);

beforeAll(() => {
  connection = own.ending(new Connection(own.url, 'test', { enable_seqscan: 'off' }));
});

beforeEach(async () => {
  for (const beside of ['rebuild', 'replaced']) await query(`DROP SCHEMA IF EXISTS ${beside} CASCADE`);
  await query('TRUNCATE order_views, parked');
  await transaction((sql) => shadow.create(sql));
});

/** A row of either table. @returns its key */
async function row(
  table: string,
  { key = randomUUID() as string, status = 'placed', version = 1, stock = 0, placed = '1 hour' } = {},
): Promise<string> {
  await query(
    `INSERT INTO ${table} (order_id, status, stock, payment, settled, version, inventory_seq, payments_seq,
            notifications_seq, placed_at, updated_at)
     VALUES ($1, $2, 'pending', 'pending', false, $3, $4, 0, 0, now() - $5::interval, '2026-11-01T12:00:00Z')`,
    [key, status, version, stock, placed],
  );
  return key;
}

const live = 'public.order_views';
const rebuilt = shadow.name;
const both = async (inLive: object, inOther: object): Promise<string> => {
  const key = await row(live, inLive);
  await row(rebuilt, { ...inOther, key });
  await query(`UPDATE ${rebuilt} o SET placed_at = l.placed_at FROM ${live} l WHERE l.order_id = o.order_id`);
  return key;
};
const keysOf = ({ unequal }: Compared) =>
  Object.fromEntries(Object.entries(unequal).map(([verdict, pairs]) => [verdict, pairs.map(({ key }) => key)]));
const indexesOf = (schema: string) =>
  query(
    `SELECT indexname, replace(indexdef, $1 || '.', '') AS definition FROM pg_indexes
     WHERE schemaname = $1 AND tablename = 'order_views' ORDER BY 1`,
    [schema],
  );
const settingsOf = (table: string) => query('SELECT reloptions FROM pg_class WHERE oid = $1::regclass', [table]);

describe('the table that is built', () => {
  it('has the columns, indexes and settings of the live one, and takes its place with its names', async () => {
    const [indexes, settings] = [await indexesOf('public'), await settingsOf(live)];
    expect(indexes).toHaveLength(5);
    expect([await indexesOf('rebuild'), await settingsOf(rebuilt)]).toEqual([indexes, settings]);
    const key = await row(rebuilt);
    await row(live);
    await transaction(async (sql) => {
      await shadow.makeRoom(sql);
      await swapTables(sql, [shadow]);
    });
    expect([await indexesOf('public'), await indexesOf('replaced')]).toEqual([indexes, indexes]);
    expect(await query('SELECT order_id AS key FROM order_views')).toEqual([{ key }]);
  });

  it('has the owner of the live one, and the rights of other roles', async () => {
    const role = `rebuild_${randomUUID().slice(0, 8)}`;
    const rights = (table: string) =>
      query(
        `SELECT relowner::regrole::text AS owner, privilege_type AS "right" FROM pg_class, aclexplode(relacl)
         WHERE oid = $1::regclass AND grantee = $2::regrole ORDER BY 2`,
        [table, role],
      );
    try {
      await query(`CREATE ROLE ${role}`);
      await query(`GRANT SELECT, INSERT ON order_views TO ${role}`);
      await query('DROP TABLE rebuild.order_views');
      await transaction((sql) => shadow.create(sql));
      expect(await rights(rebuilt)).toEqual(await rights(live));
      expect(await rights(rebuilt)).toMatchObject([{ right: 'INSERT' }, { right: 'SELECT' }]);
      await query(`ALTER TABLE order_views OWNER TO ${role}`);
      await query('DROP TABLE rebuild.order_views');
      await transaction((sql) => shadow.create(sql));
      const owners = await query(
        `SELECT DISTINCT relowner::regrole::text AS owner FROM pg_class WHERE relname = 'order_views'`,
      );
      expect(owners).toEqual([{ owner: role }]);
    } finally {
      await query('ALTER TABLE order_views OWNER TO current_user');
      await query('DROP SCHEMA rebuild CASCADE');
      await query(`DROP OWNED BY ${role}`);
      await query(`DROP ROLE ${role}`);
    }
  });

  it('is refused to a login that does not own the live one, in one line', async () => {
    const role = `rebuild_${randomUUID().slice(0, 8)}`;
    await query(`CREATE ROLE ${role}`);
    try {
      const asked = transaction(async (sql) => {
        await sql.query(`SET LOCAL ROLE ${role}`);
        await shadow.demandOwner(sql);
      });
      await expect(asked).rejects.toThrow(
        /^only .*, the owner of order_views, can rebuild it: set DATABASE_URL to its login$/,
      );
    } finally {
      await query(`DROP ROLE ${role}`);
    }
    await transaction((sql) => shadow.demandOwner(sql));
  });

  it('is refused once a migration has changed the live one', async () => {
    await transaction((sql) => shadow.demandSameShape(sql));
    await query('CREATE INDEX order_views_new ON order_views (updated_at)');
    await expect(transaction((sql) => shadow.demandSameShape(sql))).rejects.toThrow('has other columns or indexes');
    await query('DROP INDEX order_views_new');
  });
});

describe('the group that fills the table', () => {
  it('comes to its end where the last records of a partition have expired', async () => {
    const database = own.ending(new Database(own.url, 'test'));
    const store = new PostgresStore(database, own.url);
    const end = { topic: 'orders.events', partition: 0, next: '5000', appendedAt: null };
    await store.offsets('orders.views').set(database, [end]);
    const projection = { service: 'orders', consumer: 'orders.views', reactions: {} };
    const empty = { readLog: async () => undefined };
    const group = new ShadowGroup(projection as never, { ...model, repository: () => ({}) } as never, shadow, {
      store,
      broker: empty,
      settings: { topicPrefix: '' },
      clock: systemClock,
    } as never);
    expect([await group.catchUp(), await group.catchUp()]).toEqual([5_000, 0]);
    await group.end();
  });
});

describe('the comparison', () => {
  it('judges rows with the same version vector by their content, and others by who is ahead', async () => {
    const equal = await both({ status: 'confirmed', version: 2 }, { status: 'confirmed', version: 2 });
    const wrong = await both({ status: 'cancelled', version: 2 }, { status: 'confirmed', version: 2 });
    const lacking = await both({ version: 1 }, { version: 2 });
    const missing = await row(rebuilt);
    const parked = await both({ stock: 1 }, { stock: 2 });
    const ahead = await both({ version: 2 }, { version: 1 });
    const each = await both({ version: 2, stock: 1 }, { version: 1, stock: 2 });
    await query(
      `INSERT INTO parked (consumer, subject, event_id, topic, partition, "offset", appended_at, key, value, headers, kind, reason, failures, next_attempt_at)
       VALUES ('orders.views', $1, gen_random_uuid(), 't', 0, 0, now(), '', '', '{}', 'refused', '', '[]', now())`,
      [parked],
    );
    const keys = [equal, wrong, lacking, missing, parked, ahead, each];
    const compared = await connection.session((sql) => comparison.of(sql, keys));
    expect(keysOf(compared)).toEqual({
      wrong: [wrong],
      lacking: [lacking, missing].toSorted(),
      parked: [parked],
      ahead: [ahead, each].toSorted(),
    });
    expect([compared.equal, compared.checksums[0] === compared.checksums[1]]).toEqual([1, false]);
    expect(compared.unequal.wrong[0]).toMatchObject({
      live: { status: 'cancelled' },
      rebuilt: { status: 'confirmed' },
    });
  });

  it('takes a row that is ahead from the live table: an old one at once, a young one when it is asked to', async () => {
    const old = await row(live, { version: 2, placed: '30 days' });
    const half = await both({ version: 2, placed: '30 days' }, { version: 1 });
    const young = await row(live, { version: 2 });
    const pages: [Compared, number][] = [];
    await comparison.pages(transaction, (...page) => pages.push(page));
    expect(pages).toHaveLength(1);
    expect([pages[0]![1], keysOf(pages[0]![0])['ahead']]).toEqual([2, [young]]);
    expect(await transaction((sql) => comparison.keepAhead(sql, [old, half, young]))).toBe(1);
    const rows = await query<{ version: number }>(`SELECT version FROM ${rebuilt}`);
    expect(rows).toEqual([{ version: 2 }, { version: 2 }, { version: 2 }]);
  });

  it('reads both tables to their end, page by page', async () => {
    for (const table of [live, rebuilt])
      await query(
        `INSERT INTO ${table} (order_id, stock, payment, settled, version, inventory_seq, payments_seq, notifications_seq, updated_at)
         SELECT md5(n::text)::uuid, 'pending', 'pending', false, 1, 0, 0, 0, '2026-11-01' FROM generate_series(1, 10001) n`,
      );
    const last = 'ffffffff-ffff-4fff-8fff-ffffffffffff';
    await row(rebuilt, { key: last });
    let equal = 0;
    const lacking: string[] = [];
    const checksums = new Set<bigint>();
    await comparison.pages(transaction, (page) => {
      equal += page.equal;
      lacking.push(...keysOf(page)['lacking']!);
      checksums.add(page.checksums[0] ^ page.checksums[1]);
    });
    expect({ equal, lacking, checksums }).toEqual({ equal: 10_001, lacking: [last], checksums: new Set([0n]) });
  });
});
