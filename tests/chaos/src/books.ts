import { type Service, services } from '@orderflow/contracts';
import { databaseUrlOf } from '@orderflow/local';
import pg from 'pg';

export interface OrderRow {
  orderId: string;
  customerId: string | null;
  status: string | null;
  cancelReason: string | null;
  settled: boolean;
  stock: string;
  payment: string;
  /** When the view last changed: once settled, it does no more. */
  updatedAt: Date;
}

/** What the services have in their databases, as far as the log and the customers can be held against it. */
export interface Books {
  orders: OrderRow[];
  /** Of each event in `order_events`. */
  recorded: { id: string; orderId: string }[];
  /** How many events each source has said of an order: `source/order`. */
  said: Map<string, number>;
  /** When each event was taken on by each consumer group. */
  inbox: { consumer: string; eventId: string; receivedAt: Date }[];
  /** Mails that came more than once, by their Message-ID. */
  mailCopies: number;
}

const ORDERS = `
  SELECT order_id AS "orderId", customer_id AS "customerId", status, cancel_reason AS "cancelReason", settled, stock,
         payment, updated_at AS "updatedAt" FROM order_views`;

const SAID: Record<Service, string> = {
  orders: `SELECT order_id AS "orderId", version AS sequence FROM orders`,
  inventory: `SELECT order_id AS "orderId", sequence FROM reservations`,
  payments: `SELECT order_id AS "orderId", sequence FROM payments`,
  notifications: `SELECT order_id AS "orderId", sequence FROM notices`,
};

const INBOX = `SELECT consumer, event_id AS "eventId", received_at AS "receivedAt" FROM inbox`;

type Query = <Row extends object>(sql: string) => Promise<Row[]>;

async function reading<T>(serverUrl: string, database: string, read: (query: Query) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrlOf(serverUrl, database) });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await read(async (sql) => (await client.query(sql)).rows as never);
  } finally {
    await client.end();
  }
}

/** @param serverUrl without a database; databases have no prefix */
export async function readBooks(serverUrl: string): Promise<Books> {
  const said = new Map<string, number>();
  const inbox: Books['inbox'] = [];
  for (const service of services) {
    await reading(serverUrl, service, async (query) => {
      for (const row of await query<{ orderId: string; sequence: number }>(SAID[service])) {
        if (row.sequence > 0) said.set(`${service}/${row.orderId}`, row.sequence);
      }
      for (const row of await query<Books['inbox'][number]>(INBOX)) inbox.push(row);
    });
  }
  const [orders, recorded] = await reading(serverUrl, 'orders', async (query) => [
    await query<OrderRow>(ORDERS),
    await query<Books['recorded'][number]>(`SELECT id, order_id AS "orderId" FROM order_events`),
  ]);
  const [mails] = await reading(serverUrl, 'sandbox', async (query) =>
    query<{ copies: number }>('SELECT coalesce(sum(copies - 1), 0)::int AS copies FROM mails'),
  );
  return { orders, recorded, said, inbox, mailCopies: mails?.copies ?? 0 };
}
