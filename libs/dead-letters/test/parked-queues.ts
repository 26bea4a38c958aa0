import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, beforeEach } from '@jest/globals';
import type { Database } from '@orderflow/durable';
import { type Add, eventOf, type Instance } from '@orderflow/durable/test/counters';
import { CountersDatabase } from '@orderflow/durable/test/counters-database';
import { Problem } from '@orderflow/http';
import type { ParkedEventFilter } from '../src/parked-events.js';
import { operatorAt, recordOf } from './parked-events.js';

type Operator = ReturnType<typeof operatorAt>;

/** The counter service whose events are parked, and the operator of its dead letters. Each test of a file begins without any. */
export class ParkedQueues {
  readonly counters = new CountersDatabase();
  one!: Instance;
  private operator!: Operator;

  constructor() {
    beforeAll(() => {
      this.one = this.counters.instance();
    });
    beforeEach(() => {
      this.operator = operatorAt(this.counters.url, this.database, this.one);
    });
    afterEach(async () => {
      await this.redrive.stop();
      await this.database.query('TRUNCATE parked, operator_actions, outbox');
    });
  }

  get database(): Database {
    return this.counters.database;
  }

  get deadLetters(): Operator['deadLetters'] {
    return this.operator.deadLetters;
  }

  get redrive(): Operator['redrive'] {
    return this.operator.redrive;
  }

  /** The ids of the parked events that were retried, in order. */
  get tried(): Operator['tried'] {
    return this.operator.tried;
  }

  /** Parks events with these commands. The first is refused while the counter would fall below zero; see `increase`. */
  async queueOf(...steps: readonly Omit<Add, 'subject'>[]): Promise<{ subject: string; ids: string[] }> {
    const subject = randomUUID();
    for (const step of steps) {
      const command = { ...step, subject };
      await this.one.handler.handle([eventOf(command, { record: recordOf(command) })]);
    }
    return { subject, ids: await this.idsOf(subject) };
  }

  async idsOf(subject: string): Promise<string[]> {
    return (await this.counters.parkedEventsOf(subject)).map(({ id }) => id);
  }

  /** The ids of a page of the list. */
  async listed(filter: ParkedEventFilter, after = '0', limit = 100): Promise<string[]> {
    return (await this.deadLetters.list(filter, after, limit)).map(({ id }) => id);
  }

  async isDrained(subject: string): Promise<boolean> {
    return (await this.idsOf(subject)).length === 0;
  }

  async increase(subject: string, by: number): Promise<void> {
    await this.database.query('UPDATE counters SET value = value + $2 WHERE subject = $1', [subject, by]);
  }

  async makeDead(id: string): Promise<void> {
    await this.database.query('UPDATE parked SET dead_at = now(), attempts = 10 WHERE id = $1', [id]);
  }

  /** The rows of every table that a transaction of the handler writes. */
  async allRows() {
    const tables = ['parked', 'operator_actions', 'outbox', 'external_calls', 'deadlines', 'counters', 'inbox'];
    return Promise.all(tables.map((table) => this.database.query(`SELECT * FROM ${table} ORDER BY 1, 2`)));
  }
}

/** Status and members of the problem that a request ends with. */
export const problemOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no problem',
    (error: unknown) => (error instanceof Problem ? [error.status, error.extras.members ?? {}] : error),
  );
