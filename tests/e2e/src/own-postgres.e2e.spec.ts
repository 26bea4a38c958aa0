import { afterAll, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { serviceNames } from '@orderflow/client';
import {
  connected,
  databaseUrlOf,
  freePort,
  type Postgres,
  removeInfrastructure,
  startPostgres,
  temporaryFolder,
} from '@orderflow/local';
import { type PgBouncer, startPgBouncer, withoutPgBouncer } from '@orderflow/local/test/pgbouncer';
import { auditPasses, sharedInfrastructure, TestSystem } from './support/test-system.js';

// The oldest that is promised; all other tests run on the newest.
const OLDEST = '/usr/lib/postgresql/15';
const isInstalled = existsSync(join(OLDEST, 'bin', 'postgres'));
if (!isInstalled) console.log('Not checked: PostgreSQL 15. It is not installed (Debian package postgresql-15).');
if (withoutPgBouncer) console.log(`Not checked: the saga through a pooler. ${withoutPgBouncer}.`);

const PASSWORD = 'p@ss/w:rd%25?#';

let server: Postgres | undefined;
let pooler: PgBouncer | undefined;
const dir = temporaryFolder('own-postgres');

/** A server as a company has it: a role that owns its databases and no more, settings for people, and a pooler. */
async function ownPostgres() {
  server = await startPostgres({
    dataDir: join(dir, 'postgres'),
    port: await freePort(),
    log: join(dir, 'postgres.log'),
    ...(isInstalled && { programs: OLDEST }),
  });
  const names = serviceNames.map((name) => system.prefixes.databases + name);
  await connected(databaseUrlOf(server.url, 'postgres'), async (client) => {
    await client.query(`CREATE ROLE shop LOGIN PASSWORD '${PASSWORD}' NOSUPERUSER NOCREATEDB NOCREATEROLE`);
    await client.query(`ALTER ROLE shop SET DateStyle = 'German'`);
    for (const name of names) {
      await client.query(`CREATE DATABASE ${name} OWNER shop`);
      await client.query(`ALTER DATABASE ${name} SET TimeZone = 'Asia/Kolkata'`);
      await client.query(`ALTER DATABASE ${name} SET statement_timeout = '20ms'`);
    }
  });
  const url = new URL(server.url);
  url.username = 'shop';
  url.password = encodeURIComponent(PASSWORD);
  if (!withoutPgBouncer) pooler = await startPgBouncer(url.href, 'session', names[0]);
  return { ...sharedInfrastructure(), databaseUrl: pooler?.url ?? url.href };
}

const system: TestSystem = new TestSystem({
  infrastructure: ownPostgres,
  // The provider answers a charge of tok_timeout after the order's deadline.
  env: { orders: { ORDER_DEADLINE_SECONDS: '30' }, sandbox: { SILENCE_SECONDS: '33', SLOW_SECONDS: '4' } },
});
afterAll(async () => {
  await pooler?.stop();
  await server?.stop();
  await removeInfrastructure(dir);
});

const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[^"]*/g;
const RECENT_MS = 5 * 60_000;

describe("a PostgreSQL of one's own, with another form of dates and another time zone", () => {
  it('settles one order of each outcome', async () => {
    const { client } = system;
    const sku = await client.newProduct({ units: 10 });
    const late = await client.place({ lines: [{ sku, quantity: 1 }], paymentToken: 'tok_timeout' });
    const orders = [...(await client.oneOfEachOutcome(sku)), (await client.settled(late)).orderId];
    const found = await Promise.all(orders.map(async (orderId) => client.order(orderId)));
    expect(found.map(({ status, cancelReason }) => cancelReason ?? status)).toEqual([
      'customer_request',
      'confirmed',
      'payment_declined',
      'out_of_stock',
      'timed_out',
    ]);
  });

  it('shows each time as it was', async () => {
    const { client } = system;
    const { orderId } = await client.settledOrder();
    const times = JSON.stringify(await client.everythingAbout([orderId])).match(TIME)!;
    expect(times.length).toBeGreaterThan(5);
    expect(times.filter((time) => !(Math.abs(Date.parse(time) - Date.now()) < RECENT_MS))).toEqual([]);
  });

  auditPasses(system);
});
