import type { Line, ServiceName } from '@orderflow/client';
import { connected, databaseUrlOf } from '@orderflow/local';
import type { MeasuredSystem } from '../systems/measured-system.ts';
import type { Facts, OrderRecord } from './verdict.ts';

// A declined charge takes no money.
const CHARGES = `SELECT order_id AS "orderId", (amount_minor - refunded_minor)::float8 AS "keptMinor"
                 FROM charges WHERE status = 'captured'`;
const MAILS = `SELECT order_id AS "orderId", coalesce(template, '') AS template, copies FROM mails WHERE order_id IS NOT NULL`;

/** The rows of a query at the database of a service, or of the sandbox. */
async function rowsAt<Row>(system: MeasuredSystem, service: ServiceName, sql: string): Promise<Row[]> {
  const url = databaseUrlOf(system.databaseUrl, system.databaseOf(service));
  return connected(url, async (client) => (await client.query(sql)).rows as Row[]);
}

/** Every order that the system has recorded. */
export const readOrders = (system: MeasuredSystem): Promise<OrderRecord[]> =>
  rowsAt<OrderRecord>(system, 'orders', system.books.orders);

/** What the system and the world outside have recorded. @param units of each product before the first order */
export async function readFacts(
  system: MeasuredSystem,
  accepted: ReadonlyMap<string, readonly Line[]>,
  units: number,
): Promise<Facts> {
  return {
    accepted,
    units,
    orders: await readOrders(system),
    charges: await rowsAt(system, 'sandbox', CHARGES),
    mails: await rowsAt(system, 'sandbox', MAILS),
    stock: await rowsAt(system, 'inventory', system.books.stock),
  };
}

/** Events that are not published yet, in all services; 0 where there is no outbox. */
export async function unsentOf(system: MeasuredSystem): Promise<number> {
  const { unsent } = system.books;
  if (unsent === undefined) return 0;
  const counts = system.services.map(
    async (service) => (await rowsAt<{ unsent: number }>(system, service, unsent))[0]!.unsent,
  );
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

export const settledOf = async (system: MeasuredSystem): Promise<number> =>
  (await rowsAt<{ settled: number }>(system, 'orders', system.books.settled))[0]!.settled;

const POLL_MS = 100;
/** A service that was killed comes back to its consumer group after up to 30 s, and some services try again for a minute. */
const STILL_MS = 90_000;

/** Waits until so many orders are settled, or nothing has moved for 90 s. @returns how many are */
export async function untilSettled(system: MeasuredSystem, expected: number): Promise<number> {
  // One connection for all polls: PostgreSQL starts a process for each.
  return connected(databaseUrlOf(system.databaseUrl, system.databaseOf('orders')), async (client) => {
    let [settled, since] = [-1, performance.now()];
    for (;;) {
      const now = ((await client.query(system.books.settled)).rows[0] as { settled: number }).settled;
      if (now >= expected) return now;
      if (now !== settled) [settled, since] = [now, performance.now()];
      if (performance.now() - since > STILL_MS) return now;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  });
}
