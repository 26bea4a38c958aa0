import pg from 'pg';
import { databaseUrlOf, type ServiceName } from '@orderflow/embedded';

export interface Databases {
  /** Of the server, without a database. */
  databaseUrl: string;
  databasePrefix: string;
}

/** What orders says of one order: snapshot, history and view side by side. */
export interface OrderRow {
  orderId: string;
  /** Null where the history has an order that the snapshots lack. */
  status: 'placed' | 'confirmed' | 'cancelled' | null;
  version: number | null;
  totalMinor: number;
  currency: string;
  ageSeconds: number;
  events: number;
  firstVersion: number;
  lastVersion: number;
  settled: boolean | null;
  viewVersion: number | null;
  inventorySeq: number | null;
  paymentsSeq: number | null;
  notificationsSeq: number | null;
}

export interface StockRow {
  sku: string;
  onHand: number;
  reserved: number;
  committed: number;
  delivered: number;
  openReservations: number;
  committedReservations: number;
}

export interface ReservationRow {
  status: string;
  sequence: number;
}

export interface PaymentRow {
  status: string;
  sequence: number;
  amountMinor: number;
}

export interface NoticesRow {
  sequence: number;
  mails: Record<string, { status: string }>;
}

/** The provider's books of one order. */
export interface ChargesRow {
  captures: number;
  keptMinor: number;
}

/** The mails of one order that came, by template: how many with different Message-IDs. */
export type Mailbox = Record<string, number>;

export interface Waiting {
  service: ServiceName;
  /** Outbox rows that are older than a healthy relay lets them be. */
  unsent: number;
  setAside: number;
  /** Orders for which something outside is still to be done. */
  calls: string[];
  parked: ParkedRow[];
}

export interface ParkedRow {
  consumer: string;
  subject: string;
  topic: string;
  partition: number;
  offset: string;
  reason: string;
  attempts: number;
  dead: boolean;
}

export interface Books {
  orders: OrderRow[];
  stock: StockRow[];
  reservations: Map<string, ReservationRow>;
  payments: Map<string, PaymentRow>;
  notices: Map<string, NoticesRow>;
  charges: Map<string, ChargesRow>;
  mailboxes: Map<string, Mailbox>;
  waiting: Waiting[];
}

const ORDERS = `
  SELECT order_id AS "orderId", status, o.version, coalesce(total_minor, 0)::float8 AS "totalMinor",
         coalesce(currency, '') AS currency, events, "firstVersion", "lastVersion",
         extract(epoch FROM now() - placed_at)::float8 AS "ageSeconds", settled, v.version AS "viewVersion",
         inventory_seq AS "inventorySeq", payments_seq AS "paymentsSeq", notifications_seq AS "notificationsSeq"
  FROM (
    SELECT order_id, count(*)::int AS events, min(version) AS "firstVersion", max(version) AS "lastVersion",
           min(time) AS placed_at
    FROM order_events GROUP BY order_id
  ) AS history
  LEFT JOIN (SELECT order_id, status, version, total_minor, currency FROM orders) AS o USING (order_id)
  LEFT JOIN (
    SELECT order_id, settled, version, inventory_seq, payments_seq, notifications_seq FROM order_views
  ) AS v USING (order_id)`;

// One statement, and so one moment: between two of them an order could move stock.
const STOCK = `
  WITH delivered AS (SELECT sku, sum(quantity) AS quantity FROM deliveries GROUP BY sku),
  lines AS (
    SELECT status, line->>'sku' AS sku, sum((line->>'quantity')::bigint) AS quantity
    FROM reservations, jsonb_array_elements(lines) AS line
    WHERE status IN ('reserved', 'committed') GROUP BY 1, 2
  )
  SELECT sku, on_hand AS "onHand", reserved, committed,
         coalesce((SELECT quantity FROM delivered WHERE delivered.sku = stock.sku), 0)::float8 AS delivered,
         coalesce((SELECT quantity FROM lines WHERE lines.sku = stock.sku AND status = 'reserved'), 0)::float8
           AS "openReservations",
         coalesce((SELECT quantity FROM lines WHERE lines.sku = stock.sku AND status = 'committed'), 0)::float8
           AS "committedReservations"
  FROM stock ORDER BY sku`;

const RESERVATIONS = `SELECT order_id AS key, status, sequence FROM reservations`;

const PAYMENTS = `
  SELECT order_id AS key, status, sequence, coalesce(amount_minor, 0)::float8 AS "amountMinor" FROM payments`;

const NOTICES = `SELECT order_id AS key, sequence, mails FROM notices`;

const CHARGES = `
  SELECT order_id AS key, count(*)::int AS captures, sum(amount_minor - refunded_minor)::float8 AS "keptMinor"
  FROM charges WHERE status = 'captured' AND created_at <= $1 GROUP BY order_id`;

const MAILBOXES = `
  SELECT order_id AS key, jsonb_object_agg(template, mails) AS mailbox
  FROM (
    SELECT coalesce(order_id, '') AS order_id, coalesce(template, '') AS template, count(*) AS mails
    FROM mails WHERE received_at <= $1 GROUP BY 1, 2
  ) AS of_order
  GROUP BY order_id`;

const WAITING = `
  SELECT (SELECT count(*) FROM outbox
          WHERE set_aside_at IS NULL AND created_at < now() - interval '10 seconds')::int AS unsent,
         (SELECT count(*) FROM outbox WHERE set_aside_at IS NOT NULL)::int AS "setAside",
         (SELECT coalesce(jsonb_agg(DISTINCT subject), '[]') FROM outside_calls) AS calls`;

const PARKED = `
  SELECT consumer, subject, topic, partition, "offset"::text AS offset, reason, attempts, dead_at IS NOT NULL AS dead
  FROM parked ORDER BY id`;

type Query = <Row extends object>(sql: string, values?: unknown[]) => Promise<Row[]>;

async function reading<T>(
  { databaseUrl, databasePrefix }: Databases,
  service: ServiceName,
  read: (query: Query) => Promise<T>,
): Promise<T> {
  const connectionString = databaseUrlOf(databaseUrl, databasePrefix + service);
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await read(async (sql, values) => (await client.query(sql, values)).rows as never);
  } finally {
    await client.end();
  }
}

const byKey = <Row extends object>(rows: readonly (Row & { key: string })[]): Map<string, Row> =>
  new Map(rows.map((row) => [row.key, row]));

async function readWaiting(databases: Databases): Promise<Waiting[]> {
  const services = ['orders', 'inventory', 'payments', 'notifications'] as const;
  return Promise.all(
    services.map(async (service) =>
      reading(databases, service, async (query) => {
        const [counts] = await query<Pick<Waiting, 'unsent' | 'setAside' | 'calls'>>(WAITING);
        if (counts === undefined) throw new Error('a SELECT without FROM gave no row');
        return { service, ...counts, parked: await query<ParkedRow>(PARKED) };
      }),
    ),
  );
}

/**
 * All that the audit looks at. Orders comes first: what is settled there is final in all that is read after it, so that the
 * books may be read while orders go on.
 */
export async function readBooks(databases: Databases): Promise<Books> {
  const { orders, now } = await reading(databases, 'orders', async (query) => {
    const [clock] = await query<{ now: Date }>('SELECT now()');
    return { orders: await query<OrderRow>(ORDERS), now: clock?.now };
  });
  const [[stock, reservations], payments, notices, [charges, mailboxes], waiting] = await Promise.all([
    reading(databases, 'inventory', async (query) => [
      await query<StockRow>(STOCK),
      byKey(await query<ReservationRow & { key: string }>(RESERVATIONS)),
    ]) as Promise<[StockRow[], Map<string, ReservationRow>]>,
    reading(databases, 'payments', async (query) => byKey(await query<PaymentRow & { key: string }>(PAYMENTS))),
    reading(databases, 'notifications', async (query) => byKey(await query<NoticesRow & { key: string }>(NOTICES))),
    reading(databases, 'sandbox', async (query) => [
      byKey(await query<ChargesRow & { key: string }>(CHARGES, [now])),
      new Map((await query<{ key: string; mailbox: Mailbox }>(MAILBOXES, [now])).map((it) => [it.key, it.mailbox])),
    ]) as Promise<[Map<string, ChargesRow>, Map<string, Mailbox>]>,
    readWaiting(databases),
  ]);
  return { orders, stock, reservations, payments, notices, charges, mailboxes, waiting };
}
