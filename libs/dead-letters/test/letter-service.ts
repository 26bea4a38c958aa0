import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { eventOf, type Instance } from '@orderflow/durable/test/counters';
import { CountersDatabase } from '@orderflow/durable/test/counters-database';
import { quietLog } from '@orderflow/durable/test/counters';
import { createHttpApp } from '@orderflow/http';
import { DeadCallsController } from '../src/calls/dead-calls.controller.js';
import { DeadCalls } from '../src/calls/dead-calls.js';
import { DeadLettersController } from '../src/dead-letters.controller.js';
import { DeadLetters } from '../src/dead-letters.js';
import { ExpiredController } from '../src/expired/expired.controller.js';
import { ExpiredRanges } from '../src/expired/expired-ranges.js';
import { operatorAt, recordOf } from './parked-events.js';

/** A service that has its dead letters alone, on a port, with an empty database before each test. */
export class LetterService {
  url = '';
  readonly counters = new CountersDatabase();
  private instance!: Instance;

  constructor() {
    beforeAll(async () => this.start());
    beforeEach(async () => {
      const tables = 'parked, operator_actions, external_calls, call_actions, expired_ranges, counters, inbox';
      await this.counters.database.query(`TRUNCATE ${tables}`);
    });
  }

  /** A queue: events that each change the counter by so much. The first that breaks its rule is a dead letter. @returns their ids */
  async deadQueue(...changes: readonly number[]): Promise<{ subject: string; ids: string[] }> {
    const subject = randomUUID();
    for (const by of changes) {
      const command = { subject, by };
      await this.instance.handler.handle([eventOf(command, { record: recordOf(command) })]);
    }
    const { database } = this.counters;
    await database.query(
      `UPDATE parked SET dead_at = now(), attempts = 10 WHERE id = (SELECT min(id) FROM parked WHERE subject = $1)`,
      [subject],
    );
    const rows = await database.query<{ id: string }>(
      `SELECT id::text FROM parked WHERE subject = $1 ORDER BY parked.id`,
      [subject],
    );
    return { subject, ids: rows.map(({ id }) => id) };
  }

  /** A call that was refused too often. @returns its key */
  async deadCall(kind = 'charge', request: object = { token: 'a.b.c', amountMinor: 5 }): Promise<string> {
    const subject = randomUUID();
    const key = `${kind}-${subject}`;
    await this.counters.database.query(
      `INSERT INTO external_calls (key, kind, subject, request, context, attempts, refusals, last_error, failures, dead_at, next_attempt_at)
       VALUES ($1, $2, $3, $4::jsonb, $5::jsonb, 8, 8, '402: above the limit', '[{"at":"2026-11-24T14:00:00Z","reason":"402: above the limit"}]', now(), NULL)`,
      [key, kind, subject, JSON.stringify(request), JSON.stringify({ id: randomUUID(), correlationId: randomUUID() })],
    );
    return key;
  }

  /** A range of expired records. @returns its id */
  async expired(): Promise<string> {
    const [row] = await this.counters.database.query<{ id: string }>(
      `INSERT INTO expired_ranges (consumer, topic, partition, first_offset, next_offset)
       VALUES ('counters', 'orders.events', 1, 4, 10) RETURNING id::text`,
    );
    return row!.id;
  }

  private async start(): Promise<void> {
    Logger.overrideLogger(false);
    const { database, url } = this.counters;
    this.instance = this.counters.instance();
    const { deadLetters } = operatorAt(url, database, this.instance);
    const { commands, dependencies } = this.instance;
    const calls = new DeadCalls({
      ...dependencies,
      database,
      commands,
      settlements: { charge: { void: ({ subject }) => ({ subject, by: 1, effects: [] }) } },
      confidential: { charge: ['token'] },
    });
    const module = {
      module: class Edge {},
      controllers: [DeadCallsController, ExpiredController, DeadLettersController],
      providers: [
        { provide: DeadLetters, useValue: deadLetters },
        { provide: DeadCalls, useValue: calls },
        { provide: ExpiredRanges, useValue: new ExpiredRanges({ database, log: quietLog }) },
      ],
    };
    const app = await createHttpApp(module, { service: 'payments', auth: 'off', closeGraceMs: 100 });
    this.counters.beforeDrop(() => app.close());
    await app.listen(0, '127.0.0.1');
    this.url = await app.getUrl();
  }
}
