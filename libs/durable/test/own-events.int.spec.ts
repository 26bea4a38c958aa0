import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Effect, TakeBack } from '@orderflow/decider';
import { anEvent } from '@orderflow/testing';
import { OwnEvents, type Published } from '../src/recovery/own-events.js';
import { TakenBack } from '../src/recovery/taken-back.js';
import { type Add, aContext, commandOf, counting, type CounterTypes, type Instance } from './counters.js';
import { CountersDatabase } from './counters-database.js';

const counters = new CountersDatabase();
let one: Instance;
let subject: string;
let effects: readonly Effect[];
/** What the events of the subject add, where it is not 1. */
let steps: readonly number[];

beforeEach(() => {
  one = counters.instance();
  subject = randomUUID();
  effects = [];
  steps = [];
});

const takeBack: TakeBack<CounterTypes> = {
  commandOf: (event) => ({ subject: event.subject, by: 0 }),
  sequenceOf: (_event, { sequence }) => sequence,
  eventsOf: ({ subject: counter, sequence }) => [{ subject: counter, by: steps[sequence - 1] ?? 1, effects }],
};
const ownEvents = () => new OwnEvents<CounterTypes>({ ...counting(), takeBack }, one.dependencies);
const published = (sequence: number): Published<CounterTypes> => ({
  event: anEvent('PaymentVoided', { subject, sequence }) as never,
  trace: { traceparent: aContext().traceparent },
});
const takenBack = (...events: Published<CounterTypes>[]) =>
  one.connection.transaction((sql) => ownEvents().takeBack(sql, events));
const place = (changes: Partial<Add> = {}) => one.handler.handle([commandOf({ subject, by: 1, ...changes })]);

describe('events that a service has published', () => {
  it('are missing where the state does not contain them', async () => {
    await place();
    const missing = await ownEvents().missing(one.dependencies.store.database, [published(1), published(2)]);
    expect(missing.map(({ event }) => event.sequence)).toEqual([2]);
  });

  it('become part of the state once, in their order, and are not published again', async () => {
    expect(await takenBack(published(1), published(2), published(2))).toBe(2);
    expect(await takenBack(published(1), published(2))).toBe(0);
    expect([await counters.valueOf(subject), await counters.outboxOf(subject)]).toEqual([2, []]);
  });

  it('are followed by a number that was not used', async () => {
    await takenBack(published(1), published(2));
    await place();
    const [row] = await counters.outboxOf(subject);
    expect(JSON.parse(row!.value.toString())).toMatchObject({ sequence: 3 });
  });

  it('leave the outbox, where the restored database still has them to publish', async () => {
    await place();
    const [row] = await counters.outboxOf(subject);
    const event = { ...published(1), event: { ...published(1).event, id: row!.headers['ce_id']! } };
    expect(await takenBack(event)).toBe(0);
    expect(await counters.outboxOf(subject)).toEqual([]);
  });

  it('set and clear deadlines, and lead to external calls', async () => {
    effects = [
      { deadline: { subject, inSeconds: 60 } },
      { call: { key: subject, kind: 'refund', subject, request: {} } },
    ];
    await takenBack(published(1));
    expect([await counters.deadlineOf(subject), await counters.pendingCallsOf(subject)]).toEqual([
      expect.any(Date),
      [subject],
    ]);
    effects = [{ clearDeadline: subject }];
    await takenBack(published(2));
    expect(await counters.deadlineOf(subject)).toBeUndefined();
  });

  it('that the database refuses are taken back with the later ones of their subject', async () => {
    const back = new TakenBack<CounterTypes>(async (events) => void (await takenBack(...events)));
    steps = [1_200, -300];
    await back.add([published(1)]);
    expect(await counters.valueOf(subject)).toBeUndefined();
    await back.add([published(2)]);
    expect(await counters.valueOf(subject)).toBe(900);
    await back.end();
  });

  it('that the database refuses in the end are named', async () => {
    const back = new TakenBack<CounterTypes>(async (events) => void (await takenBack(...events)));
    steps = [1_200];
    await back.add([published(1)]);
    await expect(back.end()).rejects.toThrow(`PaymentVoided of ${subject}`);
  });

  it('are refused, all of the batch, where an earlier one is not there any more', async () => {
    await expect(takenBack(published(1), published(3))).rejects.toThrow('PaymentVoided 3');
    expect(await counters.valueOf(subject)).toBeUndefined();
  });
});
