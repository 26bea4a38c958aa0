import { type ProgramName, serviceNames } from '@orderflow/client';
import { databaseUrlOf } from '@orderflow/local';
import { type Client, openClient } from '@orderflow/postgres';

export interface Databases {
  /** Of the server, without a database. */
  databaseUrl: string;
  databasePrefix: string;
}

/** Reads the databases of the four services, of the sandbox, and of the console where it has one. */
export interface Reader {
  rows<Row extends object>(program: ProgramName, sql: string, values?: unknown[]): Promise<Row[]>;
  readonly hasConsole: boolean;
}

const EXISTS = 'SELECT 1 FROM pg_database WHERE datname = $1';

/** Connects to each database once, runs `work`, and disconnects however that ends. */
export async function withDatabases<T>(
  { databaseUrl, databasePrefix }: Databases,
  work: (reader: Reader) => Promise<T>,
): Promise<T> {
  const clients = new Map<ProgramName, Client>();
  const connect = async (name: ProgramName) => {
    const url = databaseUrlOf(databaseUrl, databasePrefix + name);
    clients.set(name, await openClient({ url, name: 'audit', connectTimeoutMs: 10_000 }));
  };
  const rows: Reader['rows'] = async <Row>(program: ProgramName, sql: string, values: unknown[] = []) =>
    (await clients.get(program)!.query(sql, values)).rows as Row[];
  try {
    for (const name of serviceNames) await connect(name);
    const hasConsole = (await rows('orders', EXISTS, [`${databasePrefix}console`])).length > 0;
    if (hasConsole) await connect('console');
    return await work({ rows, hasConsole });
  } finally {
    await Promise.all([...clients.values()].map(async (client) => client.end()));
  }
}
