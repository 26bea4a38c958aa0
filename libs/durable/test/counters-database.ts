import { testDatabase } from '@orderflow/testing';
import { Database } from '../src/store/database.js';
import type { Sql } from '../src/index.js';
import { CounterRepository, type Counters, counting, COUNTERS_TABLE, type Instance, instance } from './counters.js';

/** The database of the counter service: its instances, and the rows that they commit. */
export class CountersDatabase {
  private readonly instances: Instance[] = [];

  private constructor(
    readonly url: string,
    readonly database: Database,
    private readonly drop: () => Promise<void>,
  ) {}

  static async open(): Promise<CountersDatabase> {
    const { url, drop } = await testDatabase('payments');
    const database = new Database(url, 'test');
    await database.query(COUNTERS_TABLE);
    return new CountersDatabase(url, database, drop);
  }

  /** An instance that ends with the database. */
  instance(definition = counting()): Instance {
    const made = instance(this.url, { definition });
    this.instances.push(made);
    return made;
  }

  /** An instance that stops before it saves, until `goOn` is called. */
  halfway() {
    let goOn: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (goOn = resolve));
    let reached = false;
    class Halfway extends CounterRepository {
      override async save(sql: Sql, counters: Counters): Promise<void> {
        reached = true;
        await gate;
        await super.save(sql, counters);
      }
    }
    return { ...instance(this.url, { definition: counting(new Halfway()) }), isHalfway: () => reached, goOn };
  }

  /** The number of sessions that wait for a lock. */
  async waitingForLocks(): Promise<number> {
    const rows = await this.database.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return rows.length;
  }

  /** The number of rows in a table. */
  async count(table: string): Promise<number> {
    return (await this.database.query(`SELECT 1 FROM ${table}`)).length;
  }

  async valueOf(subject: string): Promise<number | undefined> {
    const [row] = await this.bySubject<{ value: number }>('value', 'counters', subject);
    return row?.value;
  }

  async inboxHas(eventId: string): Promise<boolean> {
    return (await this.database.query('SELECT 1 FROM inbox WHERE event_id = $1', [eventId])).length > 0;
  }

  /** The parked events of a subject, the head of the queue first. */
  async parkedEventsOf(subject: string) {
    return this.bySubject<{ id: string; eventId: string; attempts: number; deadAt: Date | null }>(
      'id::text, event_id AS "eventId", attempts, dead_at AS "deadAt"',
      'parked',
      subject,
      'ORDER BY parked.id',
    );
  }

  /** The outbox rows with this key, in the order in which they are published. */
  async outboxOf(key: string) {
    return this.database.query<{ topic: string; value: Buffer; headers: Record<string, string> }>(
      'SELECT topic, value, headers FROM outbox WHERE key = $1 ORDER BY id',
      [key],
    );
  }

  /** The keys of the external calls that have no answer yet. */
  async pendingCallsOf(subject: string): Promise<string[]> {
    return (await this.bySubject<{ key: string }>('key', 'external_calls', subject)).map(({ key }) => key);
  }

  async deadlineOf(subject: string): Promise<Date | undefined> {
    const [row] = await this.bySubject<{ dueAt: Date }>('due_at AS "dueAt"', 'deadlines', subject);
    return row?.dueAt;
  }

  async close(): Promise<void> {
    await Promise.all([...this.instances.map((one) => one.end()), this.database.end()]);
    await this.drop();
  }

  private bySubject<Row extends object>(columns: string, table: string, subject: string, order = ''): Promise<Row[]> {
    return this.database.query<Row>(`SELECT ${columns} FROM ${table} WHERE subject = $1 ${order}`, [subject]);
  }
}
