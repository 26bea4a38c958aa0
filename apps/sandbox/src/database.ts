import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { StartError } from '@orderflow/config';
import { ServiceUnavailable } from '@orderflow/http';
import {
  type Access,
  assertOwnProcesses,
  DatabaseError,
  openPool,
  type Pool,
  type PoolClient,
  type QueryResultRow,
  shellVariablesLine,
  whyNot,
} from '@orderflow/postgres';
import type { RecordsQuery } from './records-query.js';

/** The sandbox's own Postgres database. While it is unreachable, all methods throw `ServiceUnavailable`. */
@Injectable()
export class Database implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(Database.name);
  private readonly access: Access;
  private readonly pool: Pool;

  constructor(url: string) {
    this.access = {
      url,
      name: 'sandbox',
      connectTimeoutMs: 3_000,
      queryTimeoutMs: 12_000,
      settings: { statement_timeout: '10s', idle_in_transaction_session_timeout: '20s' },
    };
    this.pool = openPool(this.access, 8);
    this.pool.on('error', (error) => this.logger.warn(`connection lost: ${error.message}`));
  }

  /** @throws StartError when the database or its tables do not exist; an unreachable database may come back. */
  async onModuleInit(): Promise<void> {
    const ignored = shellVariablesLine();
    if (ignored !== undefined) this.logger.warn(ignored);
    try {
      await assertOwnProcesses(this.access);
      const { rows } = await this.pool.query<{ ok: boolean }>("SELECT to_regclass('mails') IS NOT NULL AS ok");
      if (!rows[0]?.ok) throw new StartError('the database has no tables yet; apply prisma/sandbox/migrations to it');
    } catch (error) {
      if (error instanceof StartError) throw error;
      const { line, isAway } = whyNot(error, this.access.url);
      if (!isAway) throw new StartError(line);
      this.logger.warn('the database is unreachable; starting without it');
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.end();
  }

  /** Runs one statement. `name` makes it a prepared one. */
  async query<Row extends QueryResultRow>(text: string, values: unknown[] = [], name?: string): Promise<Row[]> {
    const query = name === undefined ? { text, values } : { text, values, name };
    const result = await this.pool.query<Row>(query).catch(rethrow);
    return result.rows;
  }

  /** A page of a table, and one row more. @param select the statement up to its WHERE */
  page<Row>(select: string, { orderId, after, limit }: RecordsQuery): Promise<(Row & { seq: string })[]> {
    const where = 'WHERE seq > $1 AND ($3::text IS NULL OR order_id = $3) ORDER BY seq LIMIT $2';
    return this.query(`${select} ${where}`, [after ?? 0, limit + 1, orderId ?? null]);
  }

  /** Runs `work` in one transaction on one connection; an error rolls back. */
  async transaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.pool.connect().catch(rethrow);
    // The pool listens to idle connections only: without this listener, a connection lost between two statements would end
    // the process. The next statement reports the loss.
    const lost = () => undefined;
    client.on('error', lost);
    try {
      await client.query('BEGIN');
      const result = await work(client);
      await client.query('COMMIT');
      client.off('error', lost);
      client.release();
      return result;
    } catch (error) {
      // Closes the connection, and the transaction with it: a ROLLBACK on a broken connection would fail as well.
      client.release(true);
      return rethrow(error);
    }
  }

  /** @throws ServiceUnavailable when the database does not answer */
  async ping(): Promise<void> {
    await this.query('SELECT 1');
  }
}

function rethrow(error: unknown): never {
  throw isUnreachable(error) ? new ServiceUnavailable(error) : error;
}

// A lost connection has no SQLSTATE; 08 is connection, 40 serialization, 53 resources, 55P03 and 57 intervention.
function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error) || error.name === 'Problem') return false;
  if (!(error instanceof DatabaseError)) return isConnectionError(error);
  return /^(08|40|53|55P03|57)/.test(error.code ?? '');
}

function isConnectionError(error: Error & { code?: unknown }): boolean {
  const code = typeof error.code === 'string' ? error.code : '';
  return (
    /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)/.test(code) ||
    /terminated|timeout|timed out|not queryable|Connection ended/i.test(error.message)
  );
}
