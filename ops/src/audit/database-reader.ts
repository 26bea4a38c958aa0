import { type ServiceName, serviceNames } from '@orderflow/client';
import pg from 'pg';
import { databaseUrlOf } from '@orderflow/local';

export interface Databases {
  /** Of the server, without a database. */
  databaseUrl: string;
  databasePrefix: string;
}

/** The methods of a `DatabaseReader` that the audit needs. */
export type Reader = Pick<DatabaseReader, 'rows'>;

/** Reads the databases of the four services and of the sandbox, each over one connection. */
export class DatabaseReader {
  private readonly clients: ReadonlyMap<ServiceName, pg.Client>;

  private constructor(clients: ReadonlyMap<ServiceName, pg.Client>) {
    this.clients = clients;
  }

  /** Connects, calls `read`, and disconnects however that ends. */
  static async use<T>(
    { databaseUrl, databasePrefix }: Databases,
    read: (reader: DatabaseReader) => Promise<T>,
  ): Promise<T> {
    const clients = new Map(
      serviceNames.map((name) => {
        const connectionString = databaseUrlOf(databaseUrl, databasePrefix + name);
        const client = new pg.Client({ connectionString, connectionTimeoutMillis: 10_000 });
        // Without a listener a connection that breaks between two statements would end our process.
        client.on('error', () => undefined);
        return [name, client] as const;
      }),
    );
    try {
      await Promise.all([...clients.values()].map(async (client) => client.connect()));
      return await read(new DatabaseReader(clients));
    } finally {
      await Promise.all([...clients.values()].map(async (client) => client.end()));
    }
  }

  async rows<Row extends object>(service: ServiceName, sql: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.clients.get(service)!.query(sql, values)).rows as Row[];
  }
}
