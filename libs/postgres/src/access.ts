import pg from 'pg';
import { placeOf } from './place.js';
import { prepareSession, type SessionSettings } from './session.js';
import { ignoreShellVariables } from './shell-variables.js';

/** How a part of the product connects to a database. */
export interface Access {
  /** `postgres://user:password@host:port/database`, with `sslmode` and `sslrootcert` where TLS is wanted. */
  readonly url: string;
  /** Name of the sessions in `pg_stat_activity`. */
  readonly name: string;
  readonly connectTimeoutMs: number;
  /** After this time a query fails here, also when the server does not answer. */
  readonly queryTimeoutMs?: number;
  readonly settings?: SessionSettings;
}

function clientConfig({ url, name, connectTimeoutMs, queryTimeoutMs }: Access): pg.ClientConfig {
  ignoreShellVariables();
  return {
    connectionString: url,
    application_name: name,
    connectionTimeoutMillis: connectTimeoutMs,
    ...(queryTimeoutMs !== undefined && { query_timeout: queryTimeoutMs }),
    keepAlive: true,
  };
}

/** For `openPool` and for pools that others make, such as Prisma's adapter. @param max of its connections */
export const poolConfig = (access: Access, max: number): pg.PoolConfig => ({
  ...clientConfig(access),
  max,
  // The pool waits for the promise, which its type does not say, and drops the connection when it rejects.
  onConnect: ((client) => prepareSession(client, placeOf(access.url), access.settings)) as (
    client: pg.ClientBase,
  ) => void,
});

/** A pool, whose sessions are prepared before their first use. */
export function openPool(access: Access, max: number): pg.Pool {
  const pool = new pg.Pool(poolConfig(access, max));
  // A connection that breaks while idle is replaced at the next query, which reports the error.
  pool.on('error', () => undefined);
  return pool;
}

const END_MS = 1_000;

/** Ends a session. A server that does not answer is waited for at most a second: the connection is cut then. */
export async function endClient(client: pg.Client): Promise<void> {
  const cut = setTimeout(() => client.connection.stream.destroy(), END_MS);
  await client.end().finally(() => clearTimeout(cut));
}

/**
 * A connection whose session is prepared.
 * @param onLost called when the connection breaks, idle or in use
 * @param options `pipeline`: statements travel without waiting for the results of earlier ones
 */
export async function openClient(
  access: Access,
  onLost: (client: pg.Client) => void = () => undefined,
  options: { readonly pipeline?: boolean } = {},
): Promise<pg.Client> {
  const client = new pg.Client({ ...clientConfig(access), ...options });
  // Without a listener a connection that breaks between two statements would end the process.
  client.on('error', () => onLost(client));
  try {
    await client.connect();
    await prepareSession(client, placeOf(access.url), access.settings);
    return client;
  } catch (error) {
    // The caller gets the error of the connection: it has no other one to report.
    client.end().catch(() => undefined);
    throw error;
  }
}
