import { eventually } from '@orderflow/client';
import type { Effect } from '@orderflow/decider';
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type CatchesUp, DeadlineWorker } from '../src/deadlines/deadline-worker.js';
import type { Incoming } from '../src/index.js';
import { type Add, aContext, type CounterTypes, eventOf, redriveOf, undecodable } from './counters.js';
import { CountersDatabase } from './counters-database.js';

const counters = new CountersDatabase('test');
let subject: string;

beforeEach(() => {
  subject = randomUUID();
});

function running() {
  const made = counters.instance();
  return { ...made, submit: (incoming: Incoming<Add>) => made.commands.submit(incoming) };
}

describe('a deadline', () => {
  /** A passed deadline adds 5; `of` overrides the command. */
  function startDeadlines(
    { commands, dependencies }: ReturnType<typeof running>,
    of: (subject: string) => Partial<Add> = () => ({}),
    group: CatchesUp = { caughtUp: async () => true },
  ) {
    const onDeadline = (subject: string): Add => ({ subject, by: 5, effects: [], ...of(subject) });
    const worker = new DeadlineWorker<CounterTypes>({ onDeadline }, commands, group, dependencies);
    worker.start();
    counters.beforeDrop(() => worker.stop());
  }
  const AN_HOUR = 3_600;
  const due = (subject: string, inSeconds = 0): Effect => ({ deadline: { subject, inSeconds } });

  // proves: a deadline that passed removes itself only
  it('keeps the next deadline that its command sets', async () => {
    const [again, over] = [randomUUID(), randomUUID()];
    const service = running();
    await service.submit(eventOf({ subject: again, by: 1, effects: [due(again), due(over)] }));
    startDeadlines(service, (subject) => (subject === again ? { effects: [due(again, AN_HOUR)] } : {}));
    await eventually(async () => (await counters.count('deadlines')) === 1);
    expect([await counters.valueOf(again), await counters.valueOf(over)]).toEqual([6, 5]);
    expect([await counters.deadlineOf(again), await counters.deadlineOf(over)]).toEqual([expect.any(Date), undefined]);
  });

  // proves: a deadline that fails does not keep the others
  it('whose command is refused does not keep the others', async () => {
    const [refused, other] = [randomUUID(), randomUUID()];
    const service = running();
    await service.submit(eventOf({ subject: refused, by: 1, effects: [due(refused), due(other)] }));
    startDeadlines(service, (subject) => (subject === refused ? { by: -9 } : {}));
    await eventually(async () => (await counters.count('deadlines')) === 1);
    expect([await counters.valueOf(refused), await counters.valueOf(other)]).toEqual([1, 5]);
  });

  // proves: deadlines that fail do not keep those behind them
  it('is decided although as many before it as are decided at once fail each time', async () => {
    const failing = Array.from({ length: 500 }, () => randomUUID());
    const service = running();
    await service.submit(eventOf({ subject, by: 1, effects: failing.map((each) => due(each, -1)) }));
    await service.submit(eventOf({ subject, by: 0, effects: [due(subject)] }));
    startDeadlines(service, (each) => (each === subject ? {} : { by: -9 }));
    await eventually(async () => (await counters.count('deadlines')) === 500);
    expect(await counters.valueOf(subject)).toBe(6);
  });

  it('becomes a command once it has passed, also when it was set before a restart', async () => {
    const service = running();
    await service.submit(eventOf({ subject, by: 1, effects: [due(subject)] }));
    startDeadlines(service);
    await eventually(async () => (await counters.count('deadlines')) === 0);
    expect(await counters.valueOf(subject)).toBe(6);
  });

  // proves: a deadline is set by the clock that decides whether it has passed
  it('passes by the clock of the database, although the clock of the process is an hour behind', async () => {
    const service = running();
    const now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => now - AN_HOUR * 1000);
    await service.submit(eventOf({ subject, by: 1, effects: [due(subject, 60)] }));
    clock.mockRestore();
    const isAhead = 'SELECT due_at > now() AS ahead FROM deadlines';
    expect(await counters.database.query(isAhead)).toEqual([{ ahead: true }]);
  });

  // proves: a deadline waits for the events that had arrived
  it('waits until the group has consumed the events that were stored when it joined', async () => {
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
    expect([await counters.valueOf(subject), await counters.count('deadlines')]).toEqual([1, 1]);
    isCaughtUp = true;
    await eventually(async () => (await counters.count('deadlines')) === 0);
    expect(await counters.valueOf(subject)).toBe(6);
  });

  it('is no command before it has passed', async () => {
    const [later, now] = [randomUUID(), randomUUID()];
    const service = running();
    await service.submit(eventOf({ subject: later, by: 1, effects: [due(later, AN_HOUR), due(now)] }));
    startDeadlines(service);
    await eventually(async () => (await counters.count('deadlines')) === 1);
    expect([await counters.valueOf(later), await counters.valueOf(now)]).toEqual([1, 5]);
  });
});

describe('a parked subject', () => {
  /** Decodes every parked record as `+1`, or none while the registry is `broken`. */
  function startRedrive(registry: { broken: boolean }, order: string[], stuck?: string) {
    const made = running();
    const redrive = redriveOf(made, (record, parkedId) => {
      const subject = record.key!.toString();
      if (registry.broken || subject === stuck) return made.submit(undecodable(subject, { record, parkedId }));
      order.push(record.value!.toString());
      return made.submit(eventOf({ subject, by: 1 }, { record, parkedId }));
    });
    redrive.start();
    counters.beforeDrop(() => redrive.stop());
    return made.submit;
  }
  const attemptsOf = async (subject: string) =>
    (await counters.parkedEventsOf(subject)).map(({ attempts }) => attempts);

  const recordOf = (subject: string, text: string) => ({
    ...undecodable(subject).record,
    key: Buffer.from(subject),
    value: Buffer.from(text),
  });

  it('is handled in order once its head is decodable', async () => {
    const registry = { broken: true };
    const order: string[] = [];
    const submit = startRedrive(registry, order);
    await submit(undecodable(subject, { record: recordOf(subject, 'first') }));
    for (const text of ['second', 'third'])
      await submit(eventOf({ subject, by: 1 }, { context: aContext(), record: recordOf(subject, text) }));
    expect(await counters.count('parked')).toBe(3);
    await eventually(async () => (await attemptsOf(subject))[0]! > 0);
    expect((await attemptsOf(subject)).slice(1)).toEqual([0, 0]);
    registry.broken = false;
    await eventually(async () => (await counters.count('parked')) === 0);
    expect([order, await counters.valueOf(subject)]).toEqual([['first', 'second', 'third'], 3]);
  });

  it('does not block another one', async () => {
    const [stuck, fine] = [randomUUID(), randomUUID()];
    const registry = { broken: true };
    const submit = startRedrive(registry, [], stuck);
    for (const subject of [stuck, fine]) await submit(undecodable(subject, { record: recordOf(subject, 'first') }));
    registry.broken = false;
    await eventually(async () => (await counters.valueOf(fine)) === 1);
    await eventually(async () => (await attemptsOf(stuck))[0]! > 1);
    expect([await counters.valueOf(stuck), await counters.count('parked')]).toEqual([undefined, 1]);
  });

  it('becomes a dead letter when its attempts are used up: published once, and still parked', async () => {
    const submit = startRedrive({ broken: true }, []);
    await submit(undecodable(subject, { record: recordOf(subject, 'first') }));
    await eventually(async () => {
      await counters.database.query('UPDATE parked SET next_attempt_at = now()');
      return (await counters.parkedEventsOf(subject))[0]!.deadAt !== null;
    });
    expect(await counters.outboxOf(subject)).toMatchObject([
      { topic: 'payments.dead-letters', headers: { dl_attempts: '10' } },
    ]);
    expect([await counters.count('outbox'), await counters.count('parked')]).toEqual([1, 1]);
  });
});
