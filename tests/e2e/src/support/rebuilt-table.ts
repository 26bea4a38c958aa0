import type { ChildProcess } from 'node:child_process';
import { connected, killAtLock, lockOfSwitch } from '@orderflow/local';

const QUERY_TIMEOUT_MS = 60_000;

/** A table that an operator rebuilds while its service runs. */
export class RebuiltTable {
  /** @param databaseUrl known once the system is */
  constructor(
    private readonly name: string,
    private readonly databaseUrl: () => string,
  ) {}

  async query<Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return connected(
      this.databaseUrl(),
      async (client) => (await client.query<Row>(sql, values)).rows,
      QUERY_TIMEOUT_MS,
    );
  }

  /** Where it is: beside the live one in `public`, perhaps a new one in `rebuild` or an old one in `replaced`. */
  async schemas(): Promise<string[]> {
    const rows = await this.query<{ name: string }>(
      'SELECT schemaname AS name FROM pg_tables WHERE tablename = $1 ORDER BY 1',
      [this.name],
    );
    return rows.map(({ name }) => name);
  }

  /** Ends a rebuild by SIGKILL in its switch: everything in the transaction is done but the renaming. */
  async killInSwitch(rebuild: () => ChildProcess, withinMs: number): Promise<void> {
    await killAtLock(rebuild, lockOfSwitch(this.databaseUrl(), this.name), withinMs);
  }
}
