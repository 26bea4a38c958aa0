import type { ServiceName } from '@orderflow/local';
import type { World } from './world.js';

// All tables but those that say what is under way: what they hold at rest is asserted apart.
const TABLES: Readonly<Record<ServiceName, readonly string[]>> = {
  orders: ['order_events', 'orders', 'order_views', 'order_documents', 'price_list'],
  inventory: ['stock', 'reservations', 'deliveries'],
  payments: ['payments'],
  notifications: ['notices'],
  sandbox: ['charges', 'refunds', 'mails'],
};
const UNDER_WAY = ['outbox', 'parked', 'external_calls', 'deadlines'];

/** Every row of every database as text, by table, and how many rows the tables of what is under way have. */
export async function wholeState(world: World): Promise<Record<string, readonly string[] | number>> {
  const state: Record<string, readonly string[] | number> = {};
  for (const [service, tables] of Object.entries(TABLES) as [ServiceName, readonly string[]][]) {
    for (const table of tables) {
      const rows = await world.rowsOf<{ row: string }>(service, `SELECT t::text AS row FROM ${table} AS t ORDER BY 1`);
      state[`${service}.${table}`] = rows.map(({ row }) => row);
    }
    if (service === 'sandbox') continue;
    for (const table of UNDER_WAY) {
      const [{ count } = { count: -1 }] = await world.rowsOf<{ count: number }>(
        service,
        `SELECT count(*)::int AS count FROM ${table}`,
      );
      state[`${service}.${table}`] = count;
    }
  }
  return state;
}
