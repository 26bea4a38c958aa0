import { randomUUID } from 'node:crypto';
import { BrokenRule, type Effect, type ServiceTypes, StatesByKey } from '@orderflow/decider';
import type { EventCodec, RawRecord } from '@orderflow/kafka';
import { systemClock } from '../src/base/clock.js';
import type {
  ConsumerDefinition,
  IncomingCommand,
  IncomingEvent,
  Log,
  Outcome,
  Repository,
  Sql,
  UndecodableRecord,
} from '../src/index.js';
import { Redrive } from '../src/parking/redrive.js';
import { Connection, Database } from '../src/store/database.js';
import { PostgresStore } from '../src/store/postgres-store.js';
import type { AfterCommit } from '../src/transaction/command-handler.js';
import { Commands } from '../src/transaction/commands.js';

/** A minimal service: a counter for each subject. Each change publishes an event. */
export interface Counter {
  readonly subject: string;
  readonly value: number;
  readonly sequence: number;
}
export interface Add {
  readonly subject: string;
  readonly by: number;
  /** Applies only to this value, so that a second copy changes nothing. */
  readonly from?: number;
  readonly effects?: readonly Effect[];
}
export type Added = Add;
export type Counters = StatesByKey<Counter, Add>;
export type CounterTypes = ServiceTypes<'payments', Counter, Add, Added, Counters>;

export const COUNTERS_TABLE = `
  CREATE TABLE counters (subject text PRIMARY KEY, value int NOT NULL DEFAULT 0 CHECK (value < 1000), sequence int NOT NULL DEFAULT 0)`;

export class CounterRepository implements Repository<CounterTypes> {
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

/** The decider refuses values below zero; the database refuses values above the table's limit. */
export const counting = (repository = new CounterRepository()): ConsumerDefinition<CounterTypes> => ({
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
  reactions: {},
  effects: ({ effects }, { subject, sequence }) =>
    effects ?? [{ publish: { type: 'PaymentVoided', data: {} }, subject, sequence }],
});

// The wire format is tested in libs/kafka.
export const jsonCodec = {
  encode: (event: unknown) => Buffer.from(JSON.stringify(event)),
  decode: () => Promise.reject(new Error('not used')),
} as unknown as EventCodec;

/** Counts the statements that it executes. */
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

export const quietLog: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined };

/** The dependencies of one instance without Kafka. Its batches run on `connection`. */
export function dependenciesOf(url: string, connection = new Connection(url, 'instance')) {
  class OneConnection extends PostgresStore {
    override batches(): Connection {
      return connection;
    }
  }
  const store = new OneConnection(new Database(url, 'pool'), url);
  const settings = { topicPrefix: '', outboxPollMs: 50 };
  const onFatal = () => undefined;
  return { store, codec: jsonCodec, clock: systemClock, log: quietLog, settings, onFatal };
}

/** One instance of the service, without Kafka. */
export function instance(url: string, options: InstanceOptions = {}) {
  const { definition = counting(), afterCommit, connection = new Connection(url, 'instance') } = options;
  const dependencies = dependenciesOf(url, connection);
  const commands = new Commands(definition, dependencies, afterCommit);
  const parking = dependencies.store.parking('payments', definition.consumer, '');
  const end = async () => {
    await connection.end();
    await dependencies.store.database.end();
  };
  return { dependencies, connection, parking, commands, handler: commands.handler, end };
}

export interface InstanceOptions {
  readonly definition?: ConsumerDefinition<CounterTypes>;
  readonly afterCommit?: AfterCommit;
  readonly connection?: Connection;
}

export type Instance = ReturnType<typeof instance>;

/** The redrive of an instance: `retry` handles the raw record of a parked row. */
export function redriveOf(
  { parking, dependencies }: Instance,
  retry: (record: RawRecord, parkedId: string) => Promise<Outcome<Counter>>,
) {
  const events: ConstructorParameters<typeof Redrive>[1] = {
    decode: async (record) => ({ record, bad: 'not used', detail: '' }),
    deliver: async ([delivery], parkedId) => [await retry(delivery!.record, parkedId!)],
  };
  return new Redrive(parking, events, dependencies);
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

export const eventOf = (command: Add, over: Partial<IncomingEvent<Add>> = {}): IncomingEvent<Add> => ({
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

export const commandOf = (command: Add, over: Partial<IncomingCommand<Add>> = {}): IncomingCommand<Add> => ({
  kind: 'command',
  command,
  context: aContext(),
  ...over,
});

export const kinds = (outcomes: readonly Outcome<Counter>[]) => outcomes.map(({ kind }) => kind);
