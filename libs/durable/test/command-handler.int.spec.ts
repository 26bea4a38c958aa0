import type { Effect } from '@orderflow/decider';
import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Connection } from '../src/store/database.js';
import type { Incoming, Sql } from '../src/index.js';
import type { PendingCall } from '../src/calls/external-calls.js';
import {
  type Instance,
  commandOf,
  type Add,
  aRecord,
  counting,
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

/** Fails after each commit, as when the process ends there. */
class DyingConnection extends Connection {
  override async transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    await super.transaction(work);
    throw new Error('gone');
  }
}

/** `many` of each kind of incoming, each of its own subject. */
const ofEachKind = (many: number): Incoming<Add>[] =>
  Array.from({ length: many }, () => {
    const [a, b, c, d] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    const effects: Effect[] = [
      { publish: { type: 'PaymentVoided', data: {} }, subject: a, sequence: 1 },
      { call: { key: a, kind: 'charge', subject: a, request: {} } },
      { deadline: { subject: a, inSeconds: 0 } },
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
  it('commits the change, the inbox and the outbox together', async () => {
    const event = eventOf({ subject, by: 2 });
    expect(kinds(await one.handler.handle([event]))).toEqual(['done']);
    const [row] = await counters.outboxOf(subject);
    expect(await counters.valueOf(subject)).toBe(2);
    expect(JSON.parse(row!.value.toString())).toMatchObject({ subject, sequence: 1, causationId: event.context.id });
    expect(await counters.inboxHas(event.context.id)).toBe(true);
  });

  // proves: consumed offsets are stored in the transaction of the effects
  // proves: offsets of a partition advance without a gap
  it('stores how far it has consumed with the effects, and refuses to skip records that the database does not know', async () => {
    const topic = randomUUID();
    const at = (offset: string) => eventOf({ subject, by: 1 }, { record: aRecord({ topic, offset }) });
    const stored = async () =>
      counters.database.query('SELECT next_offset::int AS next FROM consumed_offsets WHERE topic = $1', [topic]);
    await one.handler.handle([at('6'), at('7')]);
    expect(await stored()).toEqual([{ next: 8 }]);
    await counters.database.query('UPDATE consumed_offsets SET next_offset = 7 WHERE topic = $1', [topic]);
    await expect(one.handler.handle([at('8')])).rejects.toThrow('earlier point');
    expect([await stored(), await counters.valueOf(subject)]).toEqual([[{ next: 7 }], 2]);
    // Another process has not seen the later state, and begins at the earlier one.
    await two.handler.handle([at('7')]);
    expect(await stored()).toEqual([{ next: 8 }]);
  });

  it('stores no offset with a command, or with a record that was parked earlier', async () => {
    const topic = randomUUID();
    await one.handler.handle([commandOf({ subject, by: 1 })]);
    await one.handler.handle([eventOf({ subject, by: 1 }, { record: aRecord({ topic }), parkedId: '0' })]);
    expect(await counters.database.query('SELECT 1 FROM consumed_offsets WHERE topic = $1', [topic])).toEqual([]);
  });

  // proves: a batch is one transaction
  it('commits nothing when one statement fails', async () => {
    const event = eventOf({ subject, by: 1000 });
    await expect(one.handler.handle([event])).rejects.toMatchObject({ code: '23514' });
    expect(await counters.valueOf(subject)).toBeUndefined();
    expect([...(await counters.outboxOf(subject)), ...(await counters.parkedEventsOf(subject))]).toEqual([]);
    expect(await counters.inboxHas(event.context.id)).toBe(false);
  });

  // proves: recorded events go to the outbox in the transaction of their effect
  it('leaves its events in the outbox when the process ends just after the commit', async () => {
    const dying = counters.instance({ connection: new DyingConnection(counters.url, 'dying') });
    await expect(dying.handler.handle([eventOf({ subject, by: 1 })])).rejects.toThrow('gone');
    expect(await counters.valueOf(subject)).toBe(1);
    expect(await counters.outboxOf(subject)).toHaveLength(1);
  });

  // proves: a batch that is committed does not fail afterwards
  it('answers that it is committed, also when something fails after the commit', async () => {
    const observe = () => {
      throw new RangeError('not a number');
    };
    const { handler } = counters.instance({ definition: { ...counting(), observe } });
    expect(kinds(await handler.handle([commandOf({ subject, by: 1 })]))).toEqual(['done']);
    expect(await counters.valueOf(subject)).toBe(1);
  });

  // proves: a command that breaks a rule is taken out of its batch alone
  it('refuses only the command that breaks a rule', async () => {
    const [a, b] = [randomUUID(), randomUUID()];
    const refused: Incoming<Add> = commandOf({ subject: a, by: -1 });
    const good: Incoming<Add> = commandOf({ subject: b, by: 1 });
    expect(kinds(await one.handler.handle([refused, good]))).toEqual(['refused', 'done']);
    expect([await counters.valueOf(a), await counters.valueOf(b)]).toEqual([0, 1]);
  });

  it('parks only the event that the database refuses', async () => {
    const subjects = Array.from({ length: 9 }, () => randomUUID());
    const { commands: batcher } = one;
    const outcomes = await Promise.all(
      subjects.map((subject, i) => batcher.submit(eventOf({ subject, by: i === 4 ? 1000 : 1 }))),
    );
    expect(kinds(outcomes)).toEqual(subjects.map((_, i) => (i === 4 ? 'parked' : 'done')));
    expect(await counters.parkedEventsOf(subjects[4]!)).toHaveLength(1);
  });

  it('executes as many statements for two hundred of each kind as for one', async () => {
    const connection = new CountingConnection(counters.url, 'counted');
    const counted = counters.instance({ connection });
    await counted.handler.handle(ofEachKind(1));
    const forOne = connection.statements;
    await counted.handler.handle(ofEachKind(200));
    expect([forOne > 10, connection.statements - forOne]).toEqual([true, forOne]);
  });
});

describe('the inbox', () => {
  // proves: the inbox admits an event once
  it('handles an event once that is twice in a batch and is redelivered later', async () => {
    const event = eventOf({ subject, by: 1 });
    expect(kinds(await one.handler.handle([event, event]))).toEqual(['done', 'duplicate']);
    expect(kinds(await one.handler.handle([event]))).toEqual(['duplicate']);
    expect([await counters.valueOf(subject), await counters.outboxOf(subject)]).toMatchObject([1, { length: 1 }]);
  });

  it('handles every event once when two instances consume all of them at the same time, in different orders', async () => {
    const subjects = Array.from({ length: 50 }, () => randomUUID());
    const events = Array.from({ length: 2000 }, (_, i) => eventOf({ subject: subjects[i % 50]!, by: 1 }));
    const [first, second] = [one.commands, two.commands];
    await Promise.all([...events.map((e) => first.submit(e)), ...events.toReversed().map((e) => second.submit(e))]);
    for (const subject of subjects) expect(await counters.valueOf(subject)).toBe(40);
  });

  it('loses no update when two instances handle events of a new subject at the same time', async () => {
    const subjects = Array.from({ length: 10_000 }, () => randomUUID());
    const [first, second] = [one.commands, two.commands];
    await Promise.all([
      ...subjects.map((subject) => first.submit(eventOf({ subject, by: 1 }))),
      ...subjects.toReversed().map((subject) => second.submit(eventOf({ subject, by: 1 }))),
    ]);
    const [row] = await counters.database.query<{ lost: number }>(
      'SELECT count(*)::int AS lost FROM counters WHERE subject = ANY ($1) AND value <> 2',
      [subjects],
    );
    expect(row!.lost).toBe(0);
  }, 120_000);
});

describe('parking', () => {
  // proves: later events of a parked order are parked behind it
  it('parks an event that breaks a rule and the later events of its subject, in order, and handles the others', async () => {
    const [bad, other] = [randomUUID(), randomUUID()];
    const events = [
      eventOf({ subject: bad, by: -1 }),
      eventOf({ subject: other, by: 1 }),
      eventOf({ subject: bad, by: 5 }),
    ];
    const later = eventOf({ subject: bad, by: 7 });
    expect(kinds(await one.handler.handle(events))).toEqual(['parked', 'done', 'parked']);
    expect(kinds(await two.handler.handle([later]))).toEqual(['parked']);
    const parked = await counters.parkedEventsOf(bad);
    expect(parked.map(({ eventId }) => eventId)).toEqual(
      [events[0]!, events[2]!, later].map(({ context }) => context.id),
    );
    expect(await counters.valueOf(bad)).toBe(0);
  });

  // proves: an undecodable record is in the inbox under its offset, not under the id that it claims
  it('handles the event whose id an undecodable record claims', async () => {
    const good = eventOf({ subject, by: 1 });
    const forged = undecodable(randomUUID());
    Object.assign(forged.record.headers, { ce_id: Buffer.from(good.context.id) });
    expect(kinds(await one.handler.handle([forged, good]))).toEqual(['parked', 'done']);
  });

  it('parks an undecodable record once, although it is redelivered', async () => {
    const poison = undecodable(randomUUID());
    expect(kinds(await one.handler.handle([poison]))).toEqual(['parked']);
    expect(kinds(await two.handler.handle([poison]))).toEqual(['duplicate']);
    expect(await counters.parkedEventsOf(poison.subject)).toHaveLength(1);
  });
});

describe('an effect of an event', () => {
  // proves: an answer removes its call in its own transaction
  it('is a call that is committed with the event and deleted with its answer', async () => {
    const calls: PendingCall[] = [];
    const calling = counters.instance({ afterCommit: { committed: (made) => void calls.push(...made) } });
    const call = { key: `charge-${subject}`, kind: 'charge', subject, request: { amount: 1 } };
    await calling.handler.handle([eventOf({ subject, by: 1, effects: [{ call }] })]);
    expect(calls).toMatchObject([call]);
    expect(await counters.pendingCallsOf(subject)).toEqual([call.key]);
    await calling.handler.handle([commandOf({ subject, by: 1 }, { answers: call.key })]);
    expect(await counters.pendingCallsOf(subject)).toEqual([]);
  });

  it('sets a deadline, or clears one that was set in the same batch', async () => {
    const [open, over] = [randomUUID(), randomUUID()];
    const deadline = (subject: string) => ({ deadline: { subject, inSeconds: 0 } });
    await one.handler.handle([
      eventOf({ subject: open, by: 1, effects: [deadline(open)] }),
      eventOf({ subject: over, by: 1, effects: [deadline(over)] }),
      eventOf({ subject: over, by: 1, effects: [{ clearDeadline: over }] }),
    ]);
    expect([await counters.deadlineOf(open), await counters.deadlineOf(over)]).toEqual([expect.any(Date), undefined]);
  });
});
