import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { IncomingEvent } from '../src/index.js';
import {
  type Instance,
  commandOf,
  type Add,
  aContext,
  aRecord,
  CountingConnection,
  eventOf,
  kinds,
  undecodable,
} from './counters.js';
import { CountersDatabase } from './counters-database.js';

const counters = new CountersDatabase();
let one: Instance;
let two: Instance;
let subject: string;

beforeAll(() => {
  one = counters.instance();
  two = counters.instance();
});
beforeEach(() => {
  subject = randomUUID();
});

const headIdOf = async (subject: string) => (await counters.parkedEventsOf(subject))[0]!.id;
/** The retry of the first parked record of a subject, which is decodable as this event. */
const retryOf = async (event: IncomingEvent<Add>): Promise<IncomingEvent<Add>> => ({
  ...event,
  parkedId: await headIdOf(event.subject),
});
/** The retry of a record that is undecodable, as at an older instance or after the loss of a schema. */
const undecodableRetryOf = async ({ subject, record }: IncomingEvent<Add>) =>
  undecodable(subject, { record, parkedId: await headIdOf(subject) });

/** The outcomes of two events: the second is delivered to another instance while the first waits to be saved. */
async function whileHalfway(first: IncomingEvent<Add>, second: IncomingEvent<Add>) {
  return (await counters.whileHalfway([first], () => two.handler.handle([second]))).flat();
}

describe('two instances at one subject', () => {
  // proves: parked subjects are looked up under the locks of the batch
  it('park an event behind the one that the other instance is just parking', async () => {
    expect(kinds(await whileHalfway(eventOf({ subject, by: -1 }), eventOf({ subject, by: 5 })))).toEqual([
      'parked',
      'parked',
    ]);
    expect(await counters.valueOf(subject)).toBe(0);
    expect(await counters.parkedEventsOf(subject)).toHaveLength(2);
  });

  it('handle a parked event once that both retry', async () => {
    const event = eventOf({ subject, by: 1 });
    await one.handler.handle([undecodable(subject, { record: event.record })]);
    const again = await retryOf(event);
    const outcomes = await Promise.all([one.handler.handle([again]), two.handler.handle([again])]);
    expect(kinds(outcomes.flat()).toSorted()).toEqual(['done', 'duplicate']);
    expect([await counters.valueOf(subject), await counters.parkedEventsOf(subject)]).toEqual([1, []]);
  });

  // proves: a parked record is retried by one service instance at a time
  it('handle an event once that both retry after the one before it was deleted', async () => {
    const event = eventOf({ subject, by: 1 });
    await one.handler.handle([undecodable(subject), event]);
    await counters.database.query('DELETE FROM parked WHERE id = $1', [await headIdOf(subject)]);
    const again = await retryOf(event);
    expect(kinds(await whileHalfway(again, again))).toEqual(['done', 'duplicate']);
    expect([await counters.valueOf(subject), await counters.parkedEventsOf(subject)]).toEqual([1, []]);
  });

  it('park a new event while the last of the queue is retried, or handle it after that', async () => {
    const [event, later] = [eventOf({ subject, by: 1 }), eventOf({ subject, by: 5 })];
    await one.handler.handle([undecodable(subject, { record: event.record })]);
    await whileHalfway(await retryOf(event), later);
    for (const row of await counters.parkedEventsOf(subject))
      await one.handler.handle([{ ...later, parkedId: row.id }]);
    expect([await counters.valueOf(subject), await counters.parkedEventsOf(subject)]).toEqual([6, []]);
  });
});

describe('an event that was undecodable when it was parked', () => {
  it('is handled once and in its place, although a copy of it is parked behind a later event', async () => {
    const event = eventOf({ subject, by: 1 });
    const later = eventOf({ subject, by: -1 });
    const copy = { ...event, record: aRecord() };
    await one.handler.handle([undecodable(subject, { record: event.record })]);
    expect(kinds(await one.handler.handle([later, copy]))).toEqual(['parked', 'parked']);
    // Before the first event, the later one would be refused: the counter would fall below zero.
    expect(kinds(await one.handler.handle([await retryOf(event)]))).toEqual(['done']);
    expect(kinds(await one.handler.handle([await retryOf(later)]))).toEqual(['done']);
    expect([await counters.valueOf(subject), await counters.parkedEventsOf(subject)]).toEqual([0, []]);
  });

  it('is handled once, although a copy of it is delivered after the retry', async () => {
    const event = eventOf({ subject, by: 1 });
    await one.handler.handle([undecodable(subject, { record: event.record })]);
    expect(kinds(await one.handler.handle([await retryOf(event)]))).toEqual(['done']);
    expect(kinds(await two.handler.handle([{ ...event, record: aRecord() }]))).toEqual(['duplicate']);
    expect(await counters.valueOf(subject)).toBe(1);
  });

  it('is not lost when it is decodable and breaks a rule at first', async () => {
    const event = eventOf({ subject, by: -1 });
    await one.handler.handle([undecodable(subject, { record: event.record })]);
    expect(kinds(await one.handler.handle([await retryOf(event)]))).toEqual(['parked']);
    await one.handler.handle([commandOf({ subject, by: 1 })]);
    expect(kinds(await one.handler.handle([await retryOf(event)]))).toEqual(['done']);
    expect(await counters.valueOf(subject)).toBe(0);
  });

  it('is not lost when the database refuses it at first', async () => {
    const event = eventOf({ subject, by: 999 });
    await one.handler.handle([commandOf({ subject, by: 1 })]);
    const again = async () => ((await counters.parkedEventsOf(subject)).length > 0 ? retryOf(event) : event);
    for (let tries = 0; tries < 3; tries++) expect((await one.commands.submit(await again())).kind).toBe('parked');
    await one.handler.handle([commandOf({ subject, by: -1 })]);
    expect((await one.commands.submit(await again())).kind).toBe('done');
    expect(await counters.valueOf(subject)).toBe(999);
  });
});

describe('an event that is not decodable any more', () => {
  it('stays parked through all retries until it is decodable again', async () => {
    const event = eventOf({ subject, by: -1 });
    expect(kinds(await one.handler.handle([event]))).toEqual(['parked']);
    for (let tries = 0; tries < 3; tries++)
      expect(kinds(await one.handler.handle([await undecodableRetryOf(event)]))).toEqual(['parked']);
    expect(await counters.parkedEventsOf(subject)).toMatchObject([{ attempts: 3 }]);
    await one.handler.handle([commandOf({ subject, by: 1 })]);
    expect(kinds(await one.handler.handle([await retryOf(event)]))).toEqual(['done']);
    expect([await counters.valueOf(subject), await counters.parkedEventsOf(subject)]).toEqual([0, []]);
  });

  it('stays parked when it was undecodable at first, too', async () => {
    const event = eventOf({ subject, by: -1 });
    await one.handler.handle([undecodable(subject, { record: event.record })]);
    expect(kinds(await one.handler.handle([await retryOf(event)]))).toEqual(['parked']);
    expect(kinds(await one.handler.handle([await undecodableRetryOf(event)]))).toEqual(['parked']);
    await one.handler.handle([commandOf({ subject, by: 1 })]);
    expect(kinds(await one.handler.handle([await retryOf(event)]))).toEqual(['done']);
    expect(await counters.valueOf(subject)).toBe(0);
  });
});

describe('failed attempts', () => {
  it('take as many statements for a hundred as for one', async () => {
    const connection = new CountingConnection(counters.url, 'counted');
    const counted = counters.instance({ connection });
    const failAgain = async (many: number) => {
      const events = Array.from({ length: many }, () => undecodable(randomUUID()));
      await one.handler.handle(events);
      const tries = await Promise.all(
        events.map(async (event) => ({ ...event, parkedId: await headIdOf(event.subject) })),
      );
      const before = connection.statements;
      await counted.handler.handle(tries);
      for (const { subject } of events) expect(await counters.parkedEventsOf(subject)).toMatchObject([{ attempts: 1 }]);
      return connection.statements - before;
    };
    expect(await failAgain(100)).toBe(await failAgain(1));
  });

  it('are made at growing intervals', async () => {
    const poison = undecodable(subject);
    await one.handler.handle([poison]);
    const waits: number[] = [];
    for (let tries = 0; tries < 9; tries++) {
      await one.handler.handle([{ ...poison, parkedId: await headIdOf(subject) }]);
      const [row] = await counters.database.query<{ wait: number }>(
        `SELECT extract(epoch FROM next_attempt_at - now())::float8 AS wait FROM parked WHERE subject = $1`,
        [subject],
      );
      waits.push(row!.wait);
    }
    expect(waits[0]).toBeLessThanOrEqual(0.5);
    expect(waits.at(-1)).toBeGreaterThan(25);
    expect(waits.at(-1)).toBeLessThanOrEqual(60);
  });
});

describe('a dead letter', () => {
  const deadLetterOf = async (over: Parameters<typeof aRecord>[0], reason = 'not Avro') => {
    const poison = undecodable(subject, { record: aRecord(over) });
    await one.handler.handle([poison]);
    const parkedId = await headIdOf(subject);
    for (let tries = 0; tries < 11; tries++) await one.handler.handle([{ ...poison, reason, parkedId }]);
    return { deadLetters: await counters.outboxOf(subject), poison, parkedId };
  };

  it('is written once, with the record, its position and the reason', async () => {
    const { deadLetters, poison, parkedId } = await deadLetterOf({ headers: { ce_type: Buffer.from('OrderEaten') } });
    const [row] = await counters.database.query<{ first: Date; last: Date }>(
      `SELECT parked_at AS first, (failures -> 10 ->> 'at')::timestamptz AS last FROM parked WHERE id = $1`,
      [parkedId],
    );
    expect(row!.first < row!.last).toBe(true);
    expect(deadLetters).toMatchObject([
      {
        topic: 'payments.dead-letters',
        value: poison.record.value,
        headers: {
          ce_type: 'OrderEaten',
          dl_consumer: 'counters',
          dl_reason: 'not Avro',
          dl_attempts: '10',
          dl_topic: 'orders.events',
          dl_partition: '0',
          dl_offset: poison.record.offset,
          dl_id: parkedId,
          dl_first_at: row!.first.toISOString(),
          dl_last_at: row!.last.toISOString(),
        },
      },
    ]);
  });

  it('is written although the headers and the reason are not valid text', async () => {
    const { deadLetters } = await deadLetterOf(
      { headers: { ce_id: Buffer.from([0, 0xff, 0x41]) } },
      'cut in half: \ud83d',
    );
    expect(deadLetters).toMatchObject([{ headers: { ce_id: '\ufffdA', dl_reason: 'cut in half: \ufffd' } }]);
  });

  it('has no value where the broker would reject it for its size and so block its subject', async () => {
    const { deadLetters } = await deadLetterOf({ value: Buffer.alloc(1_000_000) });
    expect(deadLetters.map(({ value }) => value.length)).toEqual([0]);
  });
});

describe('an event id in capitals', () => {
  it('is the same id as in lower case', async () => {
    const event = eventOf({ subject, by: 1 }, { context: aContext(randomUUID().toUpperCase()) });
    expect(kinds(await one.handler.handle([event, event]))).toEqual(['done', 'duplicate']);
    expect(await counters.valueOf(subject)).toBe(1);
  });
});
