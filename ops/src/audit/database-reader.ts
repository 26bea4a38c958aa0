import { type ServiceName, serviceNames } from '@orderflow/client';
import pg from 'pg';
import { databaseUrlOf } from '@orderflow/local';

export interface Databases {
  /** Of the server, without a database. */
  databaseUrl: string;
  databasePrefix: string;
}

/** Reads the databases of the four services and of the sandbox. */
export interface Reader {
  rows<Row extends object>(service: ServiceName, sql: string, values?: unknown[]): Promise<Row[]>;
}

/** Connects to each database once, runs `work`, and disconnects however that ends. */
export async function withDatabases<T>(
  { databaseUrl, databasePrefix }: Databases,
  work: (reader: Reader) => Promise<T>,
): Promise<T> {
  const clients = new Map(
    serviceNames.map((name) => {
      const connectionString = databaseUrlOf(databaseUrl, databasePrefix + name);
      const client = new pg.Client({ connectionString, connectionTimeoutMillis: 10_000 });
      // Without a listener a connection that breaks between two statements would end our process.
      client.on('error', () => undefined);
      return [name, client];
    }),
  );
  try {
    await Promise.all([...clients.values()].map(async (client) => client.connect()));
    return await work({
      rows: async <Row>(service: ServiceName, sql: string, values: unknown[] = []) =>
        (await clients.get(service)!.query(sql, values)).rows as Row[],
    });
  } finally {
    await Promise.all([...clients.values()].map(async (client) => client.end()));
  }
}
