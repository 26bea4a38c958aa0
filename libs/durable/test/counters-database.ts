import { TestDatabase } from '@orderflow/testing';
import { beforeAll, beforeEach } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { Database } from '../src/store/database.js';
import type { Incoming, Sql } from '../src/index.js';
import {
  type Add,
  CounterRepository,
  type Counters,
  counting,
  COUNTERS_TABLE,
  type Instance,
  instance,
  type InstanceOptions,
} from './counters.js';

/** The database of the counter service: its instances, and the rows that they commit. */
export class CountersDatabase {
  database!: Database;
  private readonly own: TestDatabase;

  constructor(lasts: 'file' | 'test' = 'file') {
    this.own = new TestDatabase('payments', lasts);
    (lasts === 'file' ? beforeAll : beforeEach)(async () => {
      this.database = this.own.ending(new Database(this.url, 'test'));
      await this.database.query(COUNTERS_TABLE);
    });
  }

  get url(): string {
    return this.own.url;
  }

  /** See {@link TestDatabase}. */
  beforeDrop(end: () => Promise<unknown>): void {
    this.own.beforeDrop(end);
  }

  /** An instance that ends with the database. */
  instance(options?: InstanceOptions): Instance {
    return this.own.ending(instance(this.url, options));
  }

  /**
   * Lets an instance handle these, and begins `meanwhile` before the instance saves: it goes on once so many sessions wait for
   * its locks. @returns its outcomes, and what `meanwhile` resolves to
   */
  async whileHalfway<T>(handled: readonly Incoming<Add>[], meanwhile: () => Promise<T>, waiting = 1) {
    const [halfway, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    class Halfway extends CounterRepository {
      override async save(sql: Sql, counters: Counters): Promise<void> {
        halfway.resolve();
        await goOn.promise;
        await super.save(sql, counters);
      }
    }
    const slow = this.instance({ definition: counting(new Halfway()) });
    const outcomes = slow.handler.handle(handled);
    await halfway.promise;
    const others = meanwhile();
    await eventually(async () => (await this.waitingForLocks()) === waiting);
    goOn.resolve();
    return [await outcomes, await others] as const;
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

  /** The number of sessions that wait for a lock. */
  private async waitingForLocks(): Promise<number> {
    const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    return (await this.database.query(waiting)).length;
  }

  private bySubject<Row extends object>(columns: string, table: string, subject: string, order = ''): Promise<Row[]> {
    return this.database.query<Row>(`SELECT ${columns} FROM ${table} WHERE subject = $1 ${order}`, [subject]);
  }
}
