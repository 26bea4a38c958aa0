import { createHash } from 'node:crypto';
import { StartError } from '@orderflow/config';
import pg from 'pg';
import { isAway, reasonOf, TransientError } from '../base/failures.js';
import { type AppliedMigrations, appliedMigrations } from './schema-version.js';
import type { Sql } from './sql.js';

// Longer than any healthy batch and shorter than the group's session timeout: a hanging database must not hold a consumer.
const QUERY_TIMEOUT_MS = 5_000;
const READ_TIMEOUT_MS = 2_000;
const CONNECT_TIMEOUT_MS = 2_000;
const END_MS = 1_000;

const settings = (url: string, name: string): pg.ClientConfig => ({
  connectionString: url,
  application_name: name,
  connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  query_timeout: QUERY_TIMEOUT_MS,
  statement_timeout: QUERY_TIMEOUT_MS,
  idle_in_transaction_session_timeout: 2 * QUERY_TIMEOUT_MS,
  keepAlive: true,
});

/** For fixed statements with checked values: a failure means that the database is away or that a lock is held too long. */
export const orTransientError = (database: Sql): Sql => ({
  query: <Row>(text: string, values?: readonly unknown[]) =>
    database.query<Row>(text, values).catch((cause: unknown) => {
      throw new TransientError(reasonOf(cause), { cause });
    }),
});

type PrismaQuery = { model: string; operation: string; args: unknown; query: (args: unknown) => Promise<unknown> };

/**
 * A Prisma client for the reads of requests, with its own small pool: they never wait for the batch path. It connects on first
 * use. Its queries are fixed and their parameters validated, so that a failure means an unreachable database: TransientError.
 * @param open makes the service's own client from the settings of its adapter
 */
export const readClient = <Client extends { $extends(extension: object): unknown }>(
  open: (pool: pg.PoolConfig) => Client,
  url: string,
  service: string,
): Client => {
  const client = open({
    connectionString: url,
    application_name: `${service} reads`,
    max: 4,
    connectionTimeoutMillis: READ_TIMEOUT_MS,
    query_timeout: READ_TIMEOUT_MS,
    statement_timeout: READ_TIMEOUT_MS,
    keepAlive: true,
  });
  const $allOperations = ({ model, operation, args, query }: PrismaQuery) =>
    query(args).catch((cause: unknown) => {
      throw new TransientError(`${model}.${operation} failed`, { cause });
    });
  return client.$extends({ query: { $allOperations } }) as Client;
};

/** A pool for single statements of requests and workers, without transactions. */
export class Database implements Sql {
  private readonly pool: pg.Pool;

  /** @param url PostgreSQL URL of the service's own database */
  constructor(
    private readonly url: string,
    name: string,
    max = 4,
  ) {
    this.pool = new pg.Pool({ ...settings(url, name), max });
    // A connection that breaks while idle is replaced at the next query, which reports the error.
    this.pool.on('error', () => undefined);
  }

  /** Connections in use, idle connections, and statements that wait for one. */
  get connections(): { used: number; idle: number; waiting: number } {
    const { totalCount, idleCount, waitingCount } = this.pool;
    return { used: totalCount - idleCount, idle: idleCount, waiting: waitingCount };
  }

  async query<Row = unknown>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.pool.query(text, [...values])).rows as Row[];
  }

  /** @throws StartError with one line for the operator when the database cannot be used */
  async migrations(): Promise<AppliedMigrations> {
    try {
      return await appliedMigrations(this);
    } catch (error) {
      const { host, pathname } = new URL(this.url);
      const { code, message } = error as Error & { code?: string };
      const advice = 'start PostgreSQL there or set DATABASE_URL';
      const line = `DATABASE_URL: ${host}${pathname} cannot be used (${message || code}); ${advice}`;
      throw new StartError(line, isAway(error));
    }
  }

  async end(): Promise<void> {
    await briefly(this.pool.end());
  }
}

/**
 * One connection, opened when it is needed and opened again after it broke. Statements are pipelined: those that are started
 * without awaiting each other share a round trip.
 */
export class Connection {
  private client: pg.Client | undefined;

  /** @param settings of the session, e.g. `{ synchronous_commit: 'off' }` */
  constructor(
    private readonly url: string,
    private readonly name: string,
    private readonly settings: Readonly<Record<string, string>> = {},
  ) {}

  /** Runs `work` in one transaction. A failure rolls it back and drops the connection. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.run(work, 'COMMIT');
  }

  /** Runs `work` in a transaction that is rolled back. @returns what `work` returned */
  rolledBack<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.run(work, 'ROLLBACK');
  }

  private run<T>(work: (sql: Sql) => Promise<T>, end: 'COMMIT' | 'ROLLBACK'): Promise<T> {
    return this.use(async (sql, client) => {
      // Not awaited: it travels with the first statement, which fails too if this one does.
      // guard: a batch is one transaction
      client.query('BEGIN').catch(() => undefined);
      const result = await work(sql);
      const { command } = await client.query(end);
      if (command !== end) throw new Error(`the transaction ended with ${command}`);
      return result;
    });
  }

  /** Statements outside a transaction, all in this one session. */
  async session<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.use(work);
  }

  /** Whether it is still the session that was used before, with its advisory locks. */
  get isOpen(): boolean {
    return this.client !== undefined;
  }

  async end(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    if (client) await briefly(client.end());
  }

  private async use<T>(work: (sql: Sql, client: pg.Client) => Promise<T>): Promise<T> {
    const client = (this.client ??= await this.connect());
    try {
      return await work(new Pipeline(client), client);
    } catch (error) {
      this.drop(client);
      throw error;
    }
  }

  private async connect(): Promise<pg.Client> {
    const options = Object.entries(this.settings).map(([name, value]) => `-c ${name}=${value}`);
    const client = new pg.Client({ ...settings(this.url, this.name), pipeline: true, options: options.join(' ') });
    client.on('error', () => this.drop(client));
    await client.connect();
    return client;
  }

  private drop(client: pg.Client): void {
    if (this.client === client) this.client = undefined;
    // The connection is broken: nothing waits for its end, and the caller gets the error that broke it.
    client.end().catch(() => undefined);
  }
}

const statementNames = new Map<string, string>();

function nameOf(text: string): string {
  let name = statementNames.get(text);
  if (!name) statementNames.set(text, (name = createHash('sha1').update(text).digest('hex')));
  return name;
}

/** After a failed statement all later ones of the pipeline fail too, and may reject first: each rejects with the first failure. */
class Pipeline implements Sql {
  private failure: unknown;

  constructor(private readonly client: pg.Client) {}

  async query<Row = unknown>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    try {
      return (await this.client.query({ name: nameOf(text), text, values: [...values] })).rows as Row[];
    } catch (error) {
      throw (this.failure ??= error);
    }
  }
}

/** A hanging database does not answer the end of a session: a stop must not wait for it. */
async function briefly(ended: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([ended, new Promise<void>((resolve) => (timer = setTimeout(resolve, END_MS)))]);
  clearTimeout(timer);
}
