import type { ChildProcess } from 'node:child_process';
import { connected, killWhen } from '@orderflow/local';

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

  /**
   * Ends a rebuild by SIGKILL in its switch. Another session holds the live table, so that everything in the transaction of the
   * switch is done but the renaming.
   */
  async killInSwitch(rebuild: () => ChildProcess, withinMs: number): Promise<void> {
    await connected(this.databaseUrl(), async (reader) => {
      await reader.query('BEGIN');
      await reader.query(`LOCK TABLE ${this.name} IN ACCESS SHARE MODE`);
      const isWaiting = async () => {
        const waiting = await this.query(
          `SELECT 1 FROM pg_locks WHERE relation = $1::regclass AND mode = 'AccessExclusiveLock' AND NOT granted`,
          [this.name],
        );
        return waiting.length > 0;
      };
      await killWhen(rebuild(), isWaiting, withinMs);
    });
  }
}
