import { testDatabase } from '@orderflow/testing';
import { Database } from '../src/store/database.js';
import type { Sql } from '../src/index.js';
import { CounterRepository, type Counters, counting, COUNTERS_TABLE, type Instance, instance } from './counters.js';

/** A database with a table of counters, and the instances that work on it. */
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

  /** How many sessions wait for a lock. */
  async waiting(): Promise<number> {
    const rows = await this.database.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return rows.length;
  }

  async valueOf(subject: string): Promise<number | undefined> {
    const [row] = await this.database.query<{ value: number }>('SELECT value FROM counters WHERE subject = $1', [
      subject,
    ]);
    return row?.value;
  }

  async close(): Promise<void> {
    await Promise.all([...this.instances.map((one) => one.end()), this.database.end()]);
    await this.drop();
  }
}
