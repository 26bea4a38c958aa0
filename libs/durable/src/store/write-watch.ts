import { reasonOf } from '../base/failures.js';
import { Connection } from './database.js';
import type { Sql } from './sql.js';

// Disk full, a read-only transaction, and an error of the disk: reads go on as if nothing were wrong.
const REFUSALS = new Set<unknown>(['53100', '25006', '58030']);

/**
 * Whether the database takes writes. A batch that fails finds out that it does not; only the probe, which needs new pages,
 * finds out that it does again: a small batch is committed on a full disk as long as a page has room for it.
 */
export class WriteWatch {
  private refusal: string | undefined;

  constructor(
    private readonly database: Sql,
    /** PostgreSQL URL of the same database, for an attempt to write. */
    private readonly url: string,
  ) {}

  /** A transaction failed with this error. */
  failed(error: unknown): void {
    if (REFUSALS.has((error as { code?: unknown }).code)) this.refusal = reasonOf(error);
  }

  /** @throws Error with the reason while the database answers no query, or takes no write */
  async probe(): Promise<void> {
    const [state] = await this.database.query<{ isReadOnly: boolean }>(
      `SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean AS "isReadOnly"`,
    );
    if (state!.isReadOnly) throw new Error('the database is read-only');
    if (this.refusal === undefined) return;
    // So many rows need a new page.
    const own = new Connection(this.url, 'write probe');
    try {
      await own.rolledBack((sql) => sql.query(PAGES));
      this.refusal = undefined;
    } catch (error) {
      throw new Error(`the database takes no writes: ${reasonOf(error)}`, { cause: error });
    } finally {
      await own.end();
    }
  }
}

const PAGES = `INSERT INTO inbox (consumer, event_id) SELECT 'write probe', gen_random_uuid() FROM generate_series(1, 500)`;

/** The connection of a consumer's batches, which tells the watch of each that fails. */
export class WatchedConnection extends Connection {
  constructor(
    private readonly watch: WriteWatch,
    ...connection: ConstructorParameters<typeof Connection>
  ) {
    super(...connection);
  }

  override async transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    try {
      return await super.transaction(work);
    } catch (error) {
      this.watch.failed(error);
      throw error;
    }
  }
}
