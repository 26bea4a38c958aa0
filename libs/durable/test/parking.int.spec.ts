import { eventually } from '@orderflow/client';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '../src/store/database.js';
import type { IncomingEvent, Outcome } from '../src/index.js';
import { Outbox } from '../src/outbox/outbox.js';
import {
  type Instance,
  commandOf,
  type Add,
  aContext,
  aRecord,
  type Counter,
  CountingConnection,
  eventOf,
  instance,
  undecodable,
} from './counters.js';
import { CountersDatabase } from './counters-database.js';

let own: CountersDatabase;
let database: Database;
let one: Instance;
let two: Instance;

beforeAll(async () => {
  own = await CountersDatabase.open();
  ({ database } = own);
  one = own.instance();
  two = own.instance();
});
afterAll(() => own.close());

const kinds = (outcomes: readonly Outcome<Counter>[]) => outcomes.map(({ kind }) => kind);
const valueOf = (subject: string) => own.valueOf(subject);
const rowsOf = (subject: string) =>
  database.query<{ id: string; attempts: number; reason: string }>(
    'SELECT id::text, attempts, reason FROM parked WHERE subject = $1 ORDER BY parked.id',
    [subject],
  );
/** Another try of what is parked first of a subject, now that it can be read. */
const headOf = async (event: IncomingEvent<Add>): Promise<IncomingEvent<Add>> => ({
  ...event,
  parkedId: (await rowsOf(event.subject))[0]!.id,
});

describe('two members at one subject', () => {
  // proves: parked subjects are looked up under the locks of the batch
  it('park behind what the other one parks at that very moment', async () => {
    const subject = randomUUID();
    const slow = own.halfway();
    const first = slow.handler.handle([eventOf({ subject, by: -1 })]);
    await eventually(slow.isHalfway);
    const second = two.handler.handle([eventOf({ subject, by: 5 })]);
    await eventually(async () => (await own.waiting()) > 0);
    slow.goOn();
    expect(kinds([...(await first), ...(await second)])).toEqual(['parked', 'parked']);
    expect([await valueOf(subject), await rowsOf(subject)]).toMatchObject([0, { length: 2 }]);
    await slow.end();
  });

  it('drain its queue once, though both try its head', async () => {
    const subject = randomUUID();
    const event = eventOf({ subject, by: 1 });
    await one.handler.handle([undecodable(subject, { record: event.record })]);
    const again = await headOf(event);
    const outcomes = await Promise.all([one.handler.handle([again]), two.handler.handle([again])]);
    expect(kinds(outcomes.flat()).toSorted()).toEqual(['done', 'duplicate']);
    expect([await valueOf(subject), await rowsOf(subject)]).toEqual([1, []]);
  });

  // proves: a parked record is retried by one service instance at a time
  it('drain once what waited behind a head that is gone, though both try it', async () => {
    const subject = randomUUID();
    const event = eventOf({ subject, by: 1 });
    await one.handler.handle([undecodable(subject), event]);
    await database.query('DELETE FROM parked WHERE id = $1', [(await rowsOf(subject))[0]!.id]);
    const again = await headOf(event);
    const slow = own.halfway();
    const first = slow.handler.handle([again]);
    await eventually(slow.isHalfway);
    const second = two.handler.handle([again]);
    await eventually(async () => (await own.waiting()) > 0);
    slow.goOn();
    expect(kinds([...(await first), ...(await second)])).toEqual(['done', 'duplicate']);
    expect([await valueOf(subject), await rowsOf(subject)]).toEqual([1, []]);
    await slow.end();
  });

  it('park what comes while the last of its queue is being drained, or handle it after that', async () => {
    const subject = randomUUID();
    const [event, later] = [eventOf({ subject, by: 1 }), eventOf({ subject, by: 5 })];
    await one.handler.handle([undecodable(subject, { record: event.record })]);
    const slow = own.halfway();
    const drained = slow.handler.handle([await headOf(event)]);
    await eventually(slow.isHalfway);
    const second = two.handler.handle([later]);
    await eventually(async () => (await own.waiting()) > 0);
    slow.goOn();
    await Promise.all([drained, second]);
    for (const row of await rowsOf(subject)) await one.handler.handle([{ ...later, parkedId: row.id }]);
    expect([await valueOf(subject), await rowsOf(subject)]).toEqual([6, []]);
    await slow.end();
  });
});

describe('an event that could not be read when it was parked', () => {
  it('is handled once and in its place, though a copy of it was sent again and waits behind a later one', async () => {
    const subject = randomUUID();
    const event = eventOf({ subject, by: 1 });
    const later = eventOf({ subject, by: -1 });
    const copy = { ...event, record: aRecord() };
    await one.handler.handle([undecodable(subject, { record: event.record })]);
    expect(kinds(await one.handler.handle([later, copy]))).toEqual(['parked', 'parked']);
    // A count below zero is refused: the later one first would be.
    expect(kinds(await one.handler.handle([await headOf(event)]))).toEqual(['done']);
    expect(kinds(await one.handler.handle([await headOf(later)]))).toEqual(['done']);
    expect([await valueOf(subject), await rowsOf(subject)]).toEqual([0, []]);
  });

  it('is handled once, though a copy of it is sent again after it was drained', async () => {
    const subject = randomUUID();
    const event = eventOf({ subject, by: 1 });
    await one.handler.handle([undecodable(subject, { record: event.record })]);
    expect(kinds(await one.handler.handle([await headOf(event)]))).toEqual(['done']);
    expect(kinds(await two.handler.handle([{ ...event, record: aRecord() }]))).toEqual(['duplicate']);
    expect(await valueOf(subject)).toBe(1);
  });

  it('is not lost when it can be read and is refused at first', async () => {
    const subject = randomUUID();
    const event = eventOf({ subject, by: -1 });
    await one.handler.handle([undecodable(subject, { record: event.record })]);
    expect(kinds(await one.handler.handle([await headOf(event)]))).toEqual(['parked']);
    await one.handler.handle([commandOf({ subject, by: 1 })]);
    expect(kinds(await one.handler.handle([await headOf(event)]))).toEqual(['done']);
    expect(await valueOf(subject)).toBe(0);
  });

  it('is not lost when the database refuses it at first', async () => {
    const subject = randomUUID();
    const event = eventOf({ subject, by: 999 });
    await one.handler.handle([commandOf({ subject, by: 1 })]);
    const again = async () => ((await rowsOf(subject)).length > 0 ? headOf(event) : event);
    for (let tries = 0; tries < 3; tries++) expect((await one.commands.submit(await again())).kind).toBe('parked');
    await one.handler.handle([commandOf({ subject, by: -1 })]);
    expect((await one.commands.submit(await again())).kind).toBe('done');
    expect(await valueOf(subject)).toBe(999);
  });
});

describe('an event that cannot be read any more', () => {
  // As where an old member tries what a new one has parked, or a registry has lost a schema.
  const unreadableHeadOf = async (event: IncomingEvent<Add>) => {
    const { subject, record, parkedId } = await headOf(event);
    return undecodable(subject, { record, parkedId: parkedId! });
  };

  it('stays parked, however often that is tried, until it can be read again', async () => {
    const subject = randomUUID();
    const event = eventOf({ subject, by: -1 });
    expect(kinds(await one.handler.handle([event]))).toEqual(['parked']);
    for (let tries = 0; tries < 3; tries++)
      expect(kinds(await one.handler.handle([await unreadableHeadOf(event)]))).toEqual(['parked']);
    expect(await rowsOf(subject)).toMatchObject([{ attempts: 3 }]);
    await one.handler.handle([commandOf({ subject, by: 1 })]);
    expect(kinds(await one.handler.handle([await headOf(event)]))).toEqual(['done']);
    expect([await valueOf(subject), await rowsOf(subject)]).toEqual([0, []]);
  });

  it('stays parked, too, where it could not be read at first either', async () => {
    const subject = randomUUID();
    const event = eventOf({ subject, by: -1 });
    await one.handler.handle([undecodable(subject, { record: event.record })]);
    expect(kinds(await one.handler.handle([await headOf(event)]))).toEqual(['parked']);
    expect(kinds(await one.handler.handle([await unreadableHeadOf(event)]))).toEqual(['parked']);
    await one.handler.handle([commandOf({ subject, by: 1 })]);
    expect(kinds(await one.handler.handle([await headOf(event)]))).toEqual(['done']);
    expect(await valueOf(subject)).toBe(0);
  });
});

describe('failed attempts', () => {
  it('need as many statements for a hundred as for one', async () => {
    const connection = new CountingConnection(own.url, 'counted');
    const counted = instance(own.url, { connection: connection });
    const failAgain = async (many: number) => {
      const events = Array.from({ length: many }, () => undecodable(randomUUID()));
      await one.handler.handle(events);
      const tries = await Promise.all(
        events.map(async (event) => ({ ...event, parkedId: (await rowsOf(event.subject))[0]!.id })),
      );
      const before = connection.statements;
      await counted.handler.handle(tries);
      for (const { subject } of events) expect(await rowsOf(subject)).toMatchObject([{ attempts: 1 }]);
      return connection.statements - before;
    };
    expect(await failAgain(100)).toBe(await failAgain(1));
    await counted.end();
  });

  it('come later and later', async () => {
    const subject = randomUUID();
    const poison = undecodable(subject);
    await one.handler.handle([poison]);
    const waits: number[] = [];
    for (let tries = 0; tries < 9; tries++) {
      await one.handler.handle([{ ...poison, parkedId: (await rowsOf(subject))[0]!.id }]);
      const [row] = await database.query<{ wait: number }>(
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
    const subject = randomUUID();
    const poison = undecodable(subject, { record: aRecord(over) });
    await one.handler.handle([poison]);
    const parkedId = (await rowsOf(subject))[0]!.id;
    for (let tries = 0; tries < 11; tries++) await one.handler.handle([{ ...poison, reason, parkedId }]);
    const letters = (await new Outbox().unsent(database, [0, 1, 2, 3], 1000)).filter(({ key }) => key === subject);
    return { letters, poison, parkedId };
  };

  it('tells where the record lies, what it held and why, once', async () => {
    const { letters, poison, parkedId } = await deadLetterOf({ headers: { ce_type: Buffer.from('OrderEaten') } });
    const [row] = await database.query<{ first: Date; last: Date }>(
      `SELECT parked_at AS first, (failures -> 10 ->> 'at')::timestamptz AS last FROM parked WHERE id = $1`,
      [parkedId],
    );
    expect(row!.first < row!.last).toBe(true);
    expect(letters).toMatchObject([
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

  it('is written though the headers and the reason are no text', async () => {
    const { letters } = await deadLetterOf({ headers: { ce_id: Buffer.from([0, 0xff, 0x41]) } }, 'cut in half: \ud83d');
    expect(letters).toMatchObject([{ headers: { ce_id: '\ufffdA', dl_reason: 'cut in half: \ufffd' } }]);
  });

  it('leaves out what the broker would refuse for its size, which would hold back all of its subject', async () => {
    const { letters } = await deadLetterOf({ value: Buffer.alloc(1_000_000) });
    expect(letters.map(({ value }) => value.length)).toEqual([0]);
  });
});

describe('an id in capitals', () => {
  it('is an id like any other', async () => {
    const subject = randomUUID();
    const event = eventOf({ subject, by: 1 }, { context: aContext(randomUUID().toUpperCase()) });
    expect(kinds(await one.handler.handle([event, event]))).toEqual(['done', 'duplicate']);
    expect(await valueOf(subject)).toBe(1);
  });
});
