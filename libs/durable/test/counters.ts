import { randomUUID } from 'node:crypto';
import { BrokenRule, type Effect, StatesByKey } from '@orderflow/decider';
import type { EventCodec, RawRecord } from '@orderflow/kafka';
import { CommandHandler } from '../src/transaction/command-handler.js';
import { Connection, Database } from '../src/store/database.js';
import type { PendingCall } from '../src/calls/external-calls.js';
import { PostgresStore } from '../src/store/postgres-store.js';
import type { Handling, IncomingEvent, Repository, Sql, UndecodableRecord } from '../src/index.js';

/** A service as small as can be: counters by subject that say when they change. */
export interface Counter {
  readonly subject: string;
  readonly value: number;
  readonly sequence: number;
}
export interface Add {
  readonly subject: string;
  readonly by: number;
  /** Only from this value: heard a second time it changes nothing. */
  readonly from?: number;
  readonly effects?: readonly Effect[];
}
export type Added = Add;
export type Counters = StatesByKey<Counter, Add>;

export const COUNTERS_TABLE = `
  CREATE TABLE counters (subject text PRIMARY KEY, value int NOT NULL DEFAULT 0 CHECK (value < 1000), sequence int NOT NULL DEFAULT 0)`;

export class CounterRepository implements Repository<Counter, Add, Added, Counters> {
  async load(sql: Sql, commands: readonly Add[]): Promise<Counters> {
    const subjects = [[...new Set(commands.map(({ subject }) => subject))].sort()];
    const [, rows] = await Promise.all([
      sql.query(`INSERT INTO counters (subject) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING`, subjects),
      sql.query<Counter>(
        `SELECT * FROM counters WHERE subject = ANY ($1::text[]) ORDER BY subject FOR UPDATE`,
        subjects,
      ),
    ]);
    const loaded = new Map(rows.map((row) => [row.subject, row]));
    return new StatesByKey(
      loaded,
      ({ subject }) => subject,
      (subject) => ({ subject, value: 0, sequence: 0 }),
    );
  }

  async save(sql: Sql, counters: Counters): Promise<void> {
    await sql.query(
      `UPDATE counters SET value = n.value, sequence = n.sequence
       FROM jsonb_to_recordset($1::jsonb) AS n (subject text, value int, sequence int) WHERE counters.subject = n.subject`,
      [JSON.stringify(counters.changed().map(([, counter]) => counter))],
    );
  }
}

/** Refuses to go below zero; what is more than the table allows, the database refuses. */
export const counting = (repository = new CounterRepository()): Handling<Counter, Add, Added, Counters> => ({
  service: 'payments',
  consumer: 'counters',
  decider: {
    decide(command, { value }) {
      if (command.from !== undefined && command.from !== value) return [];
      if (value + command.by < 0) throw new BrokenRule('below zero', 'below-zero');
      return [command];
    },
    evolve: (counter, { by }) => ({ ...counter, value: counter.value + by, sequence: counter.sequence + 1 }),
  },
  repository,
  effects: ({ effects }, { subject, sequence }) =>
    effects ?? [{ publish: { type: 'PaymentVoided', data: {} }, subject, sequence }],
});

// What is on the wire is the business of libs/kafka; here it only has to be bytes.
export const jsonCodec = {
  encode: (event: unknown) => Buffer.from(JSON.stringify(event)),
} as unknown as EventCodec;

/** Counts the statements that go through it. */
export class CountingConnection extends Connection {
  statements = 0;

  override transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return super.transaction((sql) =>
      work({
        query: (text, values) => {
          this.statements++;
          return sql.query(text, values);
        },
      }),
    );
  }
}

/** A member of the group, with a connection of its own. */
export function member(
  url: string,
  handling = counting(),
  committed: (calls: readonly PendingCall[]) => void = () => undefined,
  connection = new Connection(url, 'member'),
) {
  // Nothing here asks the pool, so it never connects.
  const store = new PostgresStore(new Database(url, 'pool'), url);
  const parking = store.parking('payments', handling.consumer, '');
  const parts = { connection, store, codec: jsonCodec, parking, topicPrefix: '', committed };
  const handler = new CommandHandler(handling, parts);
  return { connection, parking, handler, end: () => connection.end() };
}

let offset = 0;

export const aRecord = (over: Partial<RawRecord> = {}): RawRecord => ({
  topic: 'orders.events',
  partition: 0,
  offset: String(offset++),
  timestamp: new Date(),
  key: null,
  value: Buffer.from('bytes'),
  headers: {},
  ...over,
});

export const aContext = (id: string = randomUUID()) => ({
  id,
  correlationId: randomUUID(),
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00',
  at: new Date(),
});

export const heard = (command: Add, over: Partial<IncomingEvent<Add>> = {}): IncomingEvent<Add> => ({
  kind: 'event',
  command,
  context: aContext(),
  subject: command.subject,
  record: aRecord(),
  ...over,
});

export const undecodable = (subject: string, over: Partial<UndecodableRecord> = {}): UndecodableRecord => ({
  kind: 'undecodable',
  subject,
  record: aRecord(),
  why: 'undecodable',
  reason: 'not Avro',
  ...over,
});
