import { createHash } from 'node:crypto';
import { StartError } from '@orderflow/config';
import {
  type Access,
  assertOwnProcesses,
  type Client,
  DatabaseError,
  endClient,
  openClient,
  openPool,
  type Pool,
  type PoolConfig,
  poolConfig,
  type SessionSettings,
  whyNot,
} from '@orderflow/postgres';
import { reasonOf, TransientError } from '../base/failures.js';
import { type AppliedMigrations, appliedMigrations } from './schema-version.js';
import type { Sql } from './sql.js';

// Longer than any healthy batch and shorter than the group's session timeout: a hanging database must not hold a consumer.
const QUERY_TIMEOUT_MS = 5_000;
const LIMITS = { statement_timeout: '5s', idle_in_transaction_session_timeout: '10s' };
const READ_TIMEOUT_MS = 2_000;
const READ_LIMITS = { statement_timeout: '2s', idle_in_transaction_session_timeout: '4s' };
const CONNECT_TIMEOUT_MS = 2_000;
const END_MS = 1_000;

const accessTo = (url: string, name: string, settings: SessionSettings = {}): Access => ({
  url,
  name,
  connectTimeoutMs: CONNECT_TIMEOUT_MS,
  queryTimeoutMs: QUERY_TIMEOUT_MS,
  settings: { ...LIMITS, ...settings },
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
export const readClient = <Prisma extends { $extends(extension: object): unknown }>(
  open: (pool: PoolConfig) => Prisma,
  url: string,
  service: string,
): Prisma => {
  const access = { ...accessTo(url, `${service} reads`, READ_LIMITS), queryTimeoutMs: READ_TIMEOUT_MS };
  const client = open(poolConfig(access, 4));
  const $allOperations = ({ model, operation, args, query }: PrismaQuery) =>
    query(args).catch((cause: unknown) => {
      throw new TransientError(`${model}.${operation} failed`, { cause });
    });
  return client.$extends({ query: { $allOperations } }) as Prisma;
};

/** A pool for single statements of requests and workers, without transactions. */
export class Database implements Sql {
  private readonly access: Access;
  private readonly pool: Pool;

  /** @param url PostgreSQL URL of the service's own database */
  constructor(url: string, name: string, max = 4) {
    this.access = accessTo(url, name);
    this.pool = openPool(this.access, max);
  }

  /** Connections in use, idle connections, and statements that wait for one. */
  get connections(): { used: number; idle: number; waiting: number } {
    const { totalCount, idleCount, waitingCount } = this.pool;
    return { used: totalCount - idleCount, idle: idleCount, waiting: waitingCount };
  }

  async query<Row = unknown>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.pool.query(text, [...values])).rows as Row[];
  }

  /**
   * Checks that sessions are what the workers rely on, and reads which tables there are.
   * @throws StartError with one line for the operator when the database cannot be used
   */
  check(): Promise<AppliedMigrations> {
    return this.starting(async () => {
      await assertOwnProcesses(this.access);
      return appliedMigrations(this);
    });
  }

  /**
   * Runs a part of the start that asks this database.
   * @throws StartError with one line for the operator when the database cannot be used, and any other error of `work` as it is
   */
  async starting<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof StartError || isBug(error)) throw error;
      const { line, isAway } = whyNot(error, this.access.url);
      throw new StartError(line, isAway);
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
  private client: Client | undefined;

  /** @param settings of the session, e.g. `{ synchronous_commit: 'off' }` */
  constructor(
    private readonly url: string,
    private readonly name: string,
    private readonly settings: SessionSettings = {},
  ) {}

  /** Runs `work` in one transaction. A failure rolls it back and drops the connection. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.run(work, 'COMMIT');
  }

  /** Runs `work` in a transaction that is rolled back. @returns what `work` returned */
  rolledBack<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.run(work, 'ROLLBACK');
  }

  private async run<T>(work: (sql: Sql) => Promise<T>, end: 'COMMIT' | 'ROLLBACK'): Promise<T> {
    const client = (this.client ??= await this.connect());
    const sql = new Pipeline(client);
    try {
      sql.gather();
      // guard: a batch is one transaction
      // Not awaited: it travels with the first statement, which fails with the same error.
      client.query('BEGIN').catch(() => undefined);
      const result = await work(sql);
      const { command } = await client.query(end);
      if (command !== end) throw new Error(`the transaction ended with ${command}`);
      return result;
    } catch (error) {
      this.drop(client);
      throw error;
    }
  }

  /**
   * Statements outside a transaction, all in this one session. A failure of the connection drops it. Any other failure keeps it,
   * with its locks: a statement that the server refuses, or an error of `work` itself.
   */
  async session<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    const client = (this.client ??= await this.connect());
    const sql = new Pipeline(client);
    try {
      return await work(sql);
    } catch (error) {
      // guard: a session keeps its locks until its connection fails
      if (sql.isBroken) this.drop(client);
      throw error;
    }
  }

  /** Whether it is still the session that was used before, with its advisory locks. */
  get isOpen(): boolean {
    return this.client !== undefined;
  }

  async end(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    if (client) await endClient(client);
  }

  private connect(): Promise<Client> {
    const access = accessTo(this.url, this.name, this.settings);
    return openClient(access, (client) => this.drop(client), { pipeline: true });
  }

  private drop(client: Client): void {
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
  /** A statement has failed without an answer of the server. */
  isBroken = false;
  private failure: unknown;
  private isGathering = false;

  constructor(private readonly client: Client) {}

  /** Statements that are started in this turn leave in one write: each write is a system call here and wakes the server. */
  gather(): void {
    if (this.isGathering) return;
    this.isGathering = true;
    const { stream } = this.client.connection;
    stream.cork();
    process.nextTick(() => {
      this.isGathering = false;
      stream.uncork();
    });
  }

  async query<Row = unknown>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    this.gather();
    try {
      return (await this.client.query({ name: nameOf(text), text, values: [...values] })).rows as Row[];
    } catch (error) {
      this.isBroken ||= !(error instanceof DatabaseError);
      throw (this.failure ??= error);
    }
  }
}

// node-postgres throws none of these for what a server or the network does.
const isBug = (error: unknown): boolean =>
  [TypeError, RangeError, ReferenceError, SyntaxError].some((kind) => error instanceof kind);

/** A hanging database does not answer the end of a session: a stop must not wait for it. */
async function briefly(ended: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  try {
    await Promise.race([ended, new Promise<void>((resolve) => (timer = setTimeout(resolve, END_MS)))]);
  } finally {
    clearTimeout(timer);
  }
}
