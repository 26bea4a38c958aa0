import type { Effect } from '@orderflow/decider';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Connection, Database } from '../src/store/database.js';
import type { Incoming, Outcome, Sql } from '../src/index.js';
import type { PendingCall } from '../src/calls/external-calls.js';
import {
  type Instance,
  commandOf,
  type Add,
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
const outboxOf = (key: string) =>
  database.query<{ value: Buffer }>('SELECT value FROM outbox WHERE key = $1 ORDER BY id', [key]);
const parkedOf = async (subject: string) =>
  (
    await database.query<{ event_id: string }>('SELECT event_id FROM parked WHERE subject = $1 ORDER BY id', [subject])
  ).map((row) => row.event_id);

/** The process ends as soon as its transaction is committed. */
class DyingConnection extends Connection {
  override async transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    await super.transaction(work);
    throw new Error('gone');
  }
}

/** So many of each kind that a batch can hold, each of a subject of its own. */
const ofEverything = (many: number): Incoming<Add>[] =>
  Array.from({ length: many }, () => {
    const [a, b, c, d] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    const effects: Effect[] = [
      { publish: { type: 'PaymentVoided', data: {} }, subject: a, sequence: 1 },
      { call: { key: a, kind: 'ask', subject: a, request: {} } },
      { deadline: { subject: a, at: new Date() } },
      { clearDeadline: b },
    ];
    return [
      eventOf({ subject: a, by: 1, effects }),
      eventOf({ subject: b, by: -1 }),
      undecodable(c),
      commandOf({ subject: d, by: 1 }, { answers: d }),
    ];
  }).flat();

describe('one transaction', () => {
  it('commits the effect, the inbox and the outbox together', async () => {
    const subject = randomUUID();
    const event = eventOf({ subject, by: 2 });
    expect(kinds(await one.handler.handle([event]))).toEqual(['done']);
    const [row] = await outboxOf(subject);
    expect(await valueOf(subject)).toBe(2);
    expect(JSON.parse(row!.value.toString())).toMatchObject({ subject, sequence: 1, causationId: event.context.id });
    expect(await database.query('SELECT 1 FROM inbox WHERE event_id = $1', [event.context.id])).toHaveLength(1);
  });

  // proves: a batch is one transaction
  it('keeps nothing of it when one statement fails', async () => {
    const subject = randomUUID();
    const event = eventOf({ subject, by: 1000 });
    await expect(one.handler.handle([event])).rejects.toMatchObject({ code: '23514' });
    expect([await valueOf(subject), await outboxOf(subject), await parkedOf(subject)]).toEqual([undefined, [], []]);
    expect(await database.query('SELECT 1 FROM inbox WHERE event_id = $1', [event.context.id])).toEqual([]);
  });

  // proves: recorded events go to the outbox in the transaction of their effect
  it('needs nothing after the commit: what happened will be said though the process ends there', async () => {
    const subject = randomUUID();
    const dying = instance(own.url, { connection: new DyingConnection(own.url, 'dying') });
    await expect(dying.handler.handle([eventOf({ subject, by: 1 })])).rejects.toThrow('gone');
    expect(await valueOf(subject)).toBe(1);
    expect(await outboxOf(subject)).toHaveLength(1);
    await dying.end();
  });

  // proves: a command that breaks a rule is taken out of its batch alone
  it('takes a command out alone when it breaks a rule', async () => {
    const [a, b] = [randomUUID(), randomUUID()];
    const refused: Incoming<Add> = commandOf({ subject: a, by: -1 });
    const good: Incoming<Add> = commandOf({ subject: b, by: 1 });
    expect(kinds(await one.handler.handle([refused, good]))).toEqual(['refused', 'done']);
    expect([await valueOf(a), await valueOf(b)]).toEqual([0, 1]);
  });

  it('takes a command out alone when the database refuses it', async () => {
    const subjects = Array.from({ length: 9 }, () => randomUUID());
    const { commands: batcher } = one;
    const outcomes = await Promise.all(
      subjects.map((subject, i) => batcher.submit(eventOf({ subject, by: i === 4 ? 1000 : 1 }))),
    );
    expect(kinds(outcomes)).toEqual(subjects.map((_, i) => (i === 4 ? 'parked' : 'done')));
    expect(await parkedOf(subjects[4]!)).toHaveLength(1);
  });

  it('needs as many statements for two hundred as for one', async () => {
    const connection = new CountingConnection(own.url, 'counted');
    const counted = instance(own.url, { connection: connection });
    await counted.handler.handle(ofEverything(1));
    const forOne = connection.statements;
    await counted.handler.handle(ofEverything(200));
    expect([forOne > 10, connection.statements - forOne]).toEqual([true, forOne]);
    await counted.end();
  });
});

describe('the inbox', () => {
  // proves: the inbox admits an event once
  it('handles an event once, though it stands twice in a batch and comes again later', async () => {
    const subject = randomUUID();
    const event = eventOf({ subject, by: 1 });
    expect(kinds(await one.handler.handle([event, event]))).toEqual(['done', 'duplicate']);
    expect(kinds(await one.handler.handle([event]))).toEqual(['duplicate']);
    expect([await valueOf(subject), await outboxOf(subject)]).toMatchObject([1, { length: 1 }]);
  });

  it('handles every event once when two members get all of them at once, in different orders', async () => {
    const subjects = Array.from({ length: 50 }, () => randomUUID());
    const events = Array.from({ length: 2000 }, (_, i) => eventOf({ subject: subjects[i % 50]!, by: 1 }));
    const [first, second] = [one.commands, two.commands];
    await Promise.all([...events.map((e) => first.submit(e)), ...events.toReversed().map((e) => second.submit(e))]);
    for (const subject of subjects) expect(await valueOf(subject)).toBe(40);
  });

  it('loses no update when two events of a subject that is not there yet come to two members at once', async () => {
    const subjects = Array.from({ length: 10_000 }, () => randomUUID());
    const [first, second] = [one.commands, two.commands];
    await Promise.all([
      ...subjects.map((subject) => first.submit(eventOf({ subject, by: 1 }))),
      ...subjects.toReversed().map((subject) => second.submit(eventOf({ subject, by: 1 }))),
    ]);
    const [row] = await database.query<{ lost: number }>(
      'SELECT count(*)::int AS lost FROM counters WHERE subject = ANY ($1) AND value <> 2',
      [subjects],
    );
    expect(row!.lost).toBe(0);
  }, 120_000);
});

describe('parking', () => {
  // proves: later events of a parked order are parked behind it
  it('parks a broken rule and what comes later of its subject, in order, while others go on', async () => {
    const [bad, other] = [randomUUID(), randomUUID()];
    const events = [
      eventOf({ subject: bad, by: -1 }),
      eventOf({ subject: other, by: 1 }),
      eventOf({ subject: bad, by: 5 }),
    ];
    const later = eventOf({ subject: bad, by: 7 });
    expect(kinds(await one.handler.handle(events))).toEqual(['parked', 'done', 'parked']);
    expect(kinds(await two.handler.handle([later]))).toEqual(['parked']);
    expect(await parkedOf(bad)).toEqual([events[0]!.context.id, events[2]!.context.id, later.context.id]);
    expect(await valueOf(bad)).toBe(0);
  });

  // proves: an undecodable record is in the inbox under its offset, not under the id that it claims
  it('does not let a record that cannot be read swallow the good event whose id it claims', async () => {
    const subject = randomUUID();
    const good = eventOf({ subject, by: 1 });
    const forged = undecodable(randomUUID());
    Object.assign(forged.record.headers, { ce_id: Buffer.from(good.context.id) });
    expect(kinds(await one.handler.handle([forged, good]))).toEqual(['parked', 'done']);
  });

  it('parks a record that cannot be read once, however often it is delivered', async () => {
    const poison = undecodable(randomUUID());
    expect(kinds(await one.handler.handle([poison]))).toEqual(['parked']);
    expect(kinds(await two.handler.handle([poison]))).toEqual(['duplicate']);
    expect(await parkedOf(poison.subject)).toHaveLength(1);
  });
});

describe('what an event calls for', () => {
  // proves: an answer removes its call in its own transaction
  it('is committed with it, and an answer takes its call away', async () => {
    const subject = randomUUID();
    const calls: PendingCall[] = [];
    const calling = instance(own.url, { afterCommit: { committed: (made) => void calls.push(...made) } });
    const call = { key: `charge-${subject}`, kind: 'charge', subject, request: { amount: 1 } };
    await calling.handler.handle([eventOf({ subject, by: 1, effects: [{ call }] })]);
    expect(calls).toMatchObject([call]);
    const rows = () => database.query('SELECT key FROM external_calls WHERE subject = $1', [subject]);
    expect(await rows()).toEqual([{ key: call.key }]);
    await calling.handler.handle([commandOf({ subject, by: 1 }, { answers: call.key })]);
    expect(await rows()).toEqual([]);
    await calling.end();
  });

  it('sets a deadline, and clears it even in the same batch', async () => {
    const [open, over] = [randomUUID(), randomUUID()];
    const deadline = (subject: string) => ({ deadline: { subject, at: new Date() } });
    await one.handler.handle([
      eventOf({ subject: open, by: 1, effects: [deadline(open)] }),
      eventOf({ subject: over, by: 1, effects: [deadline(over)] }),
      eventOf({ subject: over, by: 1, effects: [{ clearDeadline: over }] }),
    ]);
    expect(await database.query('SELECT subject FROM deadlines WHERE subject = ANY ($1)', [[open, over]])).toEqual([
      { subject: open },
    ]);
  });
});
