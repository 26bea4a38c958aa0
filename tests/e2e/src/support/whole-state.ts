import { serviceNames } from '@orderflow/client';
import type { TestSystem } from './test-system.js';

// A replay fills the inbox anew, and moves the consumed offsets; the sandbox has neither.
const TABLES = `SELECT table_name AS name FROM information_schema.tables
  WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name NOT IN ('inbox', 'consumed_offsets')`;

/** Every row of every database as text, by table. */
export async function wholeState(system: TestSystem): Promise<Record<string, readonly string[]>> {
  const state: Record<string, readonly string[]> = {};
  for (const service of serviceNames) {
    for (const { name } of await system.rowsOf<{ name: string }>(service, TABLES)) {
      const rows = await system.rowsOf<{ row: string }>(service, `SELECT t::text AS row FROM ${name} AS t ORDER BY 1`);
      state[`${service}.${name}`] = rows.map(({ row }) => row);
    }
  }
  return state;
}
