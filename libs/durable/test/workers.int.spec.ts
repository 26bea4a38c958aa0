import { eventually } from '@orderflow/client';
import type { Effect, ExternalCall } from '@orderflow/decider';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../src/base/clock.js';
import { CallWorker } from '../src/calls/call-worker.js';
import { Database } from '../src/store/database.js';
import { type CatchesUp, DeadlineWorker } from '../src/deadlines/deadline-worker.js';
import type { Incoming } from '../src/index.js';
import { Redrive } from '../src/parking/redrive.js';
import { type Add, aContext, type CounterTypes, eventOf, instance, undecodable } from './counters.js';
import { CountersDatabase } from './counters-database.js';

let own: CountersDatabase;
let database: Database;
let stops: (() => Promise<void>)[];

beforeEach(async () => {
  own = await CountersDatabase.open();
  ({ database } = own);
  stops = [];
});
afterEach(async () => {
  for (const stop of stops.toReversed()) await stop();
  await own.close();
});

/** An instance whose commits reach the given call worker. */
function running(taken: { take?: CallWorker<Add>['take'] } = {}) {
  const made = instance(own.url, { afterCommit: { committed: (calls) => taken.take?.(calls) } });
  stops.push(made.end);
  return { ...made, submit: (incoming: Incoming<Add>) => made.commands.submit(incoming) };
}

function startCalls(caller: (call: ExternalCall) => Promise<Add>) {
  const taken: { take?: CallWorker<Add>['take'] } = {};
  const { submit, commands, dependencies } = running(taken);
  const worker = new CallWorker<Add>({ ask: caller }, commands, dependencies);
  taken.take = (calls) => worker.take(calls);
  worker.start();
  stops.push(() => worker.stop());
  return submit;
}

const calling = (subject: string): Effect[] => [{ call: { key: `ask-${subject}`, kind: 'ask', subject, request: {} } }];
const answerOf = ({ subject }: ExternalCall): Add => ({ subject, by: 10, effects: [] });
const valueOf = (subject: string) => own.valueOf(subject);
const rowsIn = async (table: string) =>
  (await database.query<{ rows: number }>(`SELECT count(*)::int AS rows FROM ${table}`))[0]!.rows;

describe('an outside call', () => {
  it('is made after the commit, and its answer takes the row away', async () => {
    const subject = randomUUID();
    const rowsWhenAsked: number[] = [];
    const submit = startCalls(async (call) => {
      rowsWhenAsked.push(await rowsIn('external_calls'));
      return answerOf(call);
    });
    await submit(eventOf({ subject, by: 1, effects: calling(subject) }));
    await eventually(async () => (await valueOf(subject)) === 11);
    expect([rowsWhenAsked, await rowsIn('external_calls')]).toEqual([[1], 0]);
  });

  // proves: an external call is made again with the same key until it is answered
  it('is asked again with the same key when nobody knows how it ended', async () => {
    const subject = randomUUID();
    const keys: string[] = [];
    const submit = startCalls(async (call) => {
      keys.push(call.key);
      if (keys.length < 3) throw new Error('no answer');
      return answerOf(call);
    });
    await submit(eventOf({ subject, by: 1, effects: calling(subject) }));
    await eventually(async () => (await valueOf(subject)) === 11);
    expect(keys).toEqual(Array(3).fill(`ask-${subject}`));
  });

  // proves: a call of a lost service instance is taken over after its lease
  it('is taken over when its lease is over, because whoever made it is gone', async () => {
    const subject = randomUUID();
    await running().submit(eventOf({ subject, by: 1, effects: calling(subject) }));
    await database.query(`UPDATE external_calls SET next_attempt_at = now()`);
    startCalls(async (call) => answerOf(call));
    await eventually(async () => (await valueOf(subject)) === 11);
    expect(await rowsIn('external_calls')).toBe(0);
  });

  it('waits for a place when very many are made at once, and none is forgotten', async () => {
    const subject = randomUUID();
    const submit = startCalls(async ({ subject }) => ({ subject, by: 0, effects: [] }));
    const asks = Array.from({ length: 1500 }, (_, i) => ({
      call: { key: `${subject}-${i}`, kind: 'ask', subject, request: {} },
    }));
    await submit(eventOf({ subject, by: 1, effects: asks }));
    // Less than a lease: those that had to wait were not left to it.
    await eventually(async () => (await rowsIn('external_calls')) === 0, 10_000);
    expect(await valueOf(subject)).toBe(1);
  });
});

describe('an answer', () => {
  it('counts once, though two members were asked because the first was slow', async () => {
    const subject = randomUUID();
    const answer = (): Add => ({ subject, by: 10, from: 1, effects: [] });
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    let slowAnswers = 0;
    const submit = startCalls(async () => {
      await held;
      slowAnswers++;
      return answer();
    });
    await submit(eventOf({ subject, by: 1, effects: calling(subject) }));
    await database.query(`UPDATE external_calls SET next_attempt_at = now()`);
    startCalls(async () => answer());
    await eventually(async () => (await valueOf(subject)) === 11);
    letGo();
    await stops.at(-3)!();
    expect([slowAnswers, await valueOf(subject), await rowsIn('external_calls')]).toEqual([1, 11, 0]);
  });
});

describe('a deadline', () => {
  /** Tells `+5` when a deadline passes, with what it is to lead to. */
  function startDeadlines(
    { commands, dependencies }: ReturnType<typeof running>,
    of: (subject: string) => Partial<Add> = () => ({}),
    group: CatchesUp = { caughtUp: async () => true },
  ) {
    const onDeadline = (subject: string): Add => ({ subject, by: 5, effects: [], ...of(subject) });
    const worker = new DeadlineWorker<CounterTypes>({ onDeadline }, commands, group, dependencies);
    worker.start();
    stops.push(() => worker.stop());
  }
  /** Steps the deadline worker of a group that never catches up, each time after so many milliseconds. */
  function behind({ commands, dependencies }: ReturnType<typeof running>) {
    let now = Date.now();
    const clock = { ...systemClock, now: () => now };
    const onDeadline = (subject: string): Add => ({ subject, by: 5, effects: [] });
    const group = { caughtUp: async () => false };
    const worker = new DeadlineWorker<CounterTypes>({ onDeadline }, commands, group, { ...dependencies, clock });
    return (ms: number) => {
      now += ms;
      return worker.step();
    };
  }
  const due = (subject: string, at = new Date()): Effect => ({ deadline: { subject, at } });
  const anHourAhead = () => new Date(Date.now() + 3_600_000);

  // proves: a deadline that passed removes itself only
  it('leaves the one alone that its subject gets when it passes', async () => {
    const [again, over] = [randomUUID(), randomUUID()];
    const service = running();
    const { submit } = service;
    await submit(eventOf({ subject: again, by: 1, effects: [due(again), due(over)] }));
    startDeadlines(service, (subject) => (subject === again ? { effects: [due(again, anHourAhead())] } : {}));
    await eventually(async () => (await rowsIn('deadlines')) === 1);
    expect([await valueOf(again), await valueOf(over)]).toEqual([6, 5]);
    expect(await database.query('SELECT subject FROM deadlines')).toEqual([{ subject: again }]);
  });

  // proves: a deadline that fails does not keep the others
  it('that is refused keeps no other one from being over', async () => {
    const [refused, other] = [randomUUID(), randomUUID()];
    const service = running();
    const { submit } = service;
    await submit(eventOf({ subject: refused, by: 1, effects: [due(refused), due(other)] }));
    startDeadlines(service, (subject) => (subject === refused ? { by: -9 } : {}));
    await eventually(async () => (await rowsIn('deadlines')) === 1);
    expect([await valueOf(refused), await valueOf(other)]).toEqual([1, 5]);
  });

  it('becomes a command once it has passed, also when it was set before a restart', async () => {
    const subject = randomUUID();
    const service = running();
    const { submit } = service;
    await submit(eventOf({ subject, by: 1, effects: [due(subject)] }));
    startDeadlines(service);
    await eventually(async () => (await rowsIn('deadlines')) === 0);
    expect(await valueOf(subject)).toBe(6);
  });

  // proves: a deadline waits for the events that had arrived
  it('waits until the group has consumed what had arrived when it joined', async () => {
    const subject = randomUUID();
    let isCaughtUp = false;
    let looks = 0;
    const service = running();
    await service.submit(eventOf({ subject, by: 1, effects: [due(subject)] }));
    const caughtUp = async () => {
      looks++;
      return isCaughtUp;
    };
    startDeadlines(service, undefined, { caughtUp });
    await eventually(() => looks > 2);
    expect([await valueOf(subject), await rowsIn('deadlines')]).toEqual([1, 1]);
    isCaughtUp = true;
    await eventually(async () => (await rowsIn('deadlines')) === 0);
    expect(await valueOf(subject)).toBe(6);
  });

  it('is decided after 30 s although the group does not catch up', async () => {
    const subject = randomUUID();
    const service = running();
    await service.submit(eventOf({ subject, by: 1, effects: [due(subject)] }));
    const stepAfter = behind(service);
    await stepAfter(0);
    await stepAfter(29_000);
    expect(await valueOf(subject)).toBe(1);
    await stepAfter(1_000);
    expect(await valueOf(subject)).toBe(6);
  });

  // proves: a deadline waits its own 30 s, not the rest of an earlier wait
  it('waits its own 30 s, not what is left of an earlier wait', async () => {
    const [earlier, later] = [randomUUID(), randomUUID()];
    const service = running();
    const stepAfter = behind(service);
    await service.submit(eventOf({ subject: earlier, by: 1, effects: [due(earlier)] }));
    await stepAfter(0);
    await database.query('DELETE FROM deadlines');
    await stepAfter(1_000);
    await service.submit(eventOf({ subject: later, by: 1, effects: [due(later)] }));
    await stepAfter(30_000);
    expect(await valueOf(later)).toBe(1);
    await stepAfter(30_000);
    expect(await valueOf(later)).toBe(6);
  });

  it('stays quiet while it lies ahead', async () => {
    const [later, now] = [randomUUID(), randomUUID()];
    const service = running();
    const { submit } = service;
    await submit(eventOf({ subject: later, by: 1, effects: [due(later, anHourAhead()), due(now)] }));
    startDeadlines(service);
    await eventually(async () => (await rowsIn('deadlines')) === 1);
    expect([await valueOf(later), await valueOf(now)]).toEqual([1, 5]);
  });
});

describe('a parked subject', () => {
  /** Decodes every parked record as `+1`, or none while the registry is `broken`. */
  function startRedrive(registry: { broken: boolean }, order: string[], stuck?: string) {
    const { parking, submit, dependencies } = running();
    const events: ConstructorParameters<typeof Redrive>[1] = {
      decode: async (record) => ({ record, bad: 'test', detail: '' }),
      async deliver([delivery], id) {
        const { record } = delivery!;
        const retry = id === undefined ? {} : { parkedId: id };
        const subject = record.key!.toString();
        if (registry.broken || subject === stuck) return [await submit(undecodable(subject, { record, ...retry }))];
        order.push(record.value!.toString());
        return [await submit(eventOf({ subject, by: 1 }, { record, ...retry }))];
      },
    };
    const redrive = new Redrive(parking, events, dependencies);
    redrive.start();
    stops.push(() => redrive.stop());
    return submit;
  }

  const recordOf = (subject: string, text: string) => ({
    ...undecodable(subject).record,
    key: Buffer.from(subject),
    value: Buffer.from(text),
  });

  // proves: only the head of a parked queue is retried
  it('is drained in order once its head can be handled', async () => {
    const subject = randomUUID();
    const registry = { broken: true };
    const order: string[] = [];
    const submit = startRedrive(registry, order);
    await submit(undecodable(subject, { record: recordOf(subject, 'first') }));
    for (const text of ['second', 'third'])
      await submit(eventOf({ subject, by: 1 }, { context: aContext(), record: recordOf(subject, text) }));
    expect(await rowsIn('parked')).toBe(3);
    await eventually(async () => (await database.query('SELECT 1 FROM parked WHERE attempts > 0')).length === 1);
    registry.broken = false;
    await eventually(async () => (await rowsIn('parked')) === 0);
    expect([order, await valueOf(subject)]).toEqual([['first', 'second', 'third'], 3]);
  });

  it('does not hold up another one', async () => {
    const [stuck, fine] = [randomUUID(), randomUUID()];
    const registry = { broken: true };
    const submit = startRedrive(registry, [], stuck);
    for (const subject of [stuck, fine]) await submit(undecodable(subject, { record: recordOf(subject, 'first') }));
    registry.broken = false;
    await eventually(async () => (await valueOf(fine)) === 1);
    await eventually(async () => (await database.query('SELECT 1 FROM parked WHERE attempts > 1')).length === 1);
    expect([await valueOf(stuck), await rowsIn('parked')]).toEqual([undefined, 1]);
  });

  it('becomes a dead letter when its attempts are used up: said once, and still in its place', async () => {
    const subject = randomUUID();
    const submit = startRedrive({ broken: true }, []);
    await submit(undecodable(subject, { record: recordOf(subject, 'first') }));
    await eventually(async () => {
      await database.query('UPDATE parked SET next_attempt_at = now()');
      return (await database.query('SELECT 1 FROM parked WHERE dead_at IS NOT NULL')).length === 1;
    });
    const letters = await database.query(
      `SELECT key, headers->>'dl_attempts' AS attempts FROM outbox WHERE topic = 'payments.dead-letters'`,
    );
    expect([letters, await rowsIn('parked')]).toEqual([[{ key: subject, attempts: '10' }], 1]);
  });
});
