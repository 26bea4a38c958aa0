import type { ServiceName } from '@orderflow/client';
import type { TestSystem } from './test-system.js';

// All tables but those of work in progress, whose rows are counted.
const TABLES: Readonly<Record<ServiceName, readonly string[]>> = {
  orders: ['order_events', 'orders', 'order_views', 'order_documents', 'price_list'],
  inventory: ['stock', 'reservations', 'deliveries'],
  payments: ['payments'],
  notifications: ['notices'],
  sandbox: ['charges', 'refunds', 'mails'],
};
const IN_PROGRESS = ['outbox', 'parked', 'external_calls', 'deadlines'];

/** Every row of every database as text, by table, and the row counts of the tables of work in progress. */
export async function wholeState(system: TestSystem): Promise<Record<string, readonly string[] | number>> {
  const state: Record<string, readonly string[] | number> = {};
  for (const [service, tables] of Object.entries(TABLES) as [ServiceName, readonly string[]][]) {
    for (const table of tables) {
      const rows = await system.rowsOf<{ row: string }>(service, `SELECT t::text AS row FROM ${table} AS t ORDER BY 1`);
      state[`${service}.${table}`] = rows.map(({ row }) => row);
    }
    if (service === 'sandbox') continue;
    for (const table of IN_PROGRESS) {
      const [{ count } = { count: -1 }] = await system.rowsOf<{ count: number }>(
        service,
        `SELECT count(*)::int AS count FROM ${table}`,
      );
      state[`${service}.${table}`] = count;
    }
  }
  return state;
}
