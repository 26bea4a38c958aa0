import pg from 'pg';
import { databaseUrlOf, type ServiceName } from '@orderflow/local';

export interface Databases {
  /** Of the server, without a database. */
  databaseUrl: string;
  databasePrefix: string;
}

export const owners = ['orders', 'inventory', 'payments', 'notifications'] as const;

/** What the audit needs of them. */
export type Reader = Pick<Books, 'rows'>;

/** The databases of the four services and of the world outside, each over one connection. */
export class Books {
  private readonly clients: ReadonlyMap<ServiceName, pg.Client>;

  private constructor(clients: ReadonlyMap<ServiceName, pg.Client>) {
    this.clients = clients;
  }

  /** Opens them, hands them to `read`, and closes them however that ends. */
  static async reading<T>({ databaseUrl, databasePrefix }: Databases, read: (books: Books) => Promise<T>): Promise<T> {
    const clients = new Map(
      ([...owners, 'sandbox'] as const).map((name) => {
        const connectionString = databaseUrlOf(databaseUrl, databasePrefix + name);
        const client = new pg.Client({ connectionString, connectionTimeoutMillis: 10_000 });
        // Without a listener a connection that breaks between two statements would end our process.
        client.on('error', () => undefined);
        return [name, client] as const;
      }),
    );
    try {
      await Promise.all([...clients.values()].map(async (client) => client.connect()));
      return await read(new Books(clients));
    } finally {
      await Promise.all([...clients.values()].map(async (client) => client.end()));
    }
  }

  async rows<Row extends object>(service: ServiceName, sql: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.clients.get(service)!.query(sql, values)).rows as Row[];
  }
}
