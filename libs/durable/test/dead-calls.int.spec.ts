import { eventually } from '@orderflow/client';
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { CallWorker } from '../src/calls/call-worker.js';
import { type Caller, type Incoming, type IncomingCommand, NotAnswered } from '../src/index.js';
import { type Add, eventOf } from './counters.js';
import { CountersDatabase } from './counters-database.js';

const counters = new CountersDatabase('test');
const MOST_REFUSALS = 3;
let subject: string;
let key: string;

beforeEach(() => {
  subject = randomUUID();
  key = `charge-${subject}`;
});

/** An instance that makes calls with this caller, after an event has requested one. */
async function calling(caller: Caller<Add>): Promise<(incoming: Incoming<Add>) => Promise<{ kind: string }>> {
  const taken: { take?: CallWorker<Add>['take'] } = {};
  const { commands, dependencies } = counters.instance({ afterCommit: { committed: (calls) => taken.take?.(calls) } });
  const settings = { ...dependencies.settings, callMaxRefusals: MOST_REFUSALS, callMaxBackoffMs: 20 };
  const worker = new CallWorker<Add>({ callers: { charge: caller } }, commands, { ...dependencies, settings });
  taken.take = (calls) => worker.take(calls);
  worker.start();
  counters.beforeDrop(() => worker.stop());
  const effects = [{ call: { key, kind: 'charge', subject, request: {} } }];
  await commands.submit(eventOf({ subject, by: 1, effects }));
  return (incoming) => commands.submit(incoming);
}

/** The answer of an operator. */
const settling = (by: number): IncomingCommand<Add> => ({
  kind: 'command',
  command: { subject, by, effects: [] },
  context: { id: randomUUID(), correlationId: randomUUID(), traceparent: '', at: new Date() },
  answers: key,
  settledBy: { action: 'void', operator: 'ada', reason: 'looked into it' },
});

const row = async () =>
  (
    await counters.database.query<{ refusals: number; isDead: boolean; failures: { reason: string }[] }>(
      `SELECT refusals, dead_at IS NOT NULL AND next_attempt_at IS NULL AS "isDead", failures
       FROM external_calls WHERE key = $1`,
      [key],
    )
  )[0];

const dead = () => eventually(async () => expect(await row()).toMatchObject({ isDead: true }));

const refused = () => Promise.reject(new NotAnswered('422: too much', { when: 'refused' }));

describe('a call that is refused', () => {
  // proves: a call that is refused too often is a dead letter
  it('is a dead letter after its attempts, with its history, and is not made again', async () => {
    let made = 0;
    await calling(() => {
      made++;
      return refused();
    });
    await dead();
    expect(await row()).toMatchObject({
      refusals: MOST_REFUSALS,
      failures: Array(MOST_REFUSALS).fill({ reason: expect.stringContaining('422: too much') }),
    });
    expect(made).toBe(MOST_REFUSALS);
  });

  it('is no dead letter where the other side only fails', async () => {
    let made = 0;
    await calling(({ subject }) => {
      made++;
      return made <= 2 * MOST_REFUSALS
        ? Promise.reject(new Error('500'))
        : Promise.resolve({ subject, by: 10, effects: [] });
    });
    await eventually(async () => expect(await counters.valueOf(subject)).toBe(11));
  });

  it('is a dead letter as well where its answer breaks a rule each time', async () => {
    await calling(({ subject }) => Promise.resolve({ subject, by: -100, effects: [] }));
    await dead();
    expect((await row())!.failures.at(-1)!.reason).toContain('below zero');
  });
});

describe('a dead letter', () => {
  it('is settled by an operator in one transaction, and kept with the reason', async () => {
    const submit = await calling(refused);
    await dead();
    expect(await submit(settling(10))).toMatchObject({ kind: 'done' });
    expect([await row(), await counters.valueOf(subject)]).toEqual([undefined, 11]);
    const kept = await counters.database.query(
      `SELECT action, operator, reason, kind, call -> 'refusals' AS refusals, call -> 'request' AS request
       FROM call_actions WHERE key = $1`,
      [key],
    );
    const settledBy = { action: 'void', operator: 'ada', reason: 'looked into it' };
    expect(kept).toEqual([{ ...settledBy, kind: 'charge', refusals: MOST_REFUSALS, request: null }]);
  });

  // proves: an operator settles only a call that is open to it
  it('is settled once, however many operators do so at the same time', async () => {
    const submit = await calling(refused);
    await dead();
    const outcomes = await Promise.all([submit(settling(10)), submit(settling(10)), submit(settling(10))]);
    expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(['done', 'refused', 'refused']);
    expect(await counters.valueOf(subject)).toBe(11);
  });

  it('stays one when the settlement breaks a rule', async () => {
    const submit = await calling(refused);
    await dead();
    expect(await submit(settling(-100))).toMatchObject({ kind: 'refused' });
    expect(await row()).toMatchObject({ isDead: true });
  });

  it('or a call that waits is what an operator settles, no call that is being made', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const submit = await calling(async ({ subject }) => {
      await promise;
      return { subject, by: 10, effects: [] };
    });
    expect(await submit(settling(100))).toMatchObject({ kind: 'refused' });
    resolve();
    await eventually(async () => expect(await counters.valueOf(subject)).toBe(11));
  });
});

describe('a call that was put off', () => {
  const later = new NotAnswered('451 4.7.1: greylisted', { when: 'after', ms: 3_600_000, waitsFor: 'other-side' });
  const waiting = () =>
    eventually(async () =>
      expect(
        await counters.database.query(`SELECT 1 FROM external_calls WHERE key = $1 AND waits_for = 'other-side'`, [
          key,
        ]),
      ).toHaveLength(1),
    );

  it('is settled by an operator before its next attempt', async () => {
    const submit = await calling(() => Promise.reject(later));
    await waiting();
    expect(await submit(settling(10))).toMatchObject({ kind: 'done' });
    expect([await row(), await counters.valueOf(subject)]).toEqual([undefined, 11]);
  });

  // proves: a call that is being made is settled by no operator
  it('is settled by none while its next attempt is made', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let made = 0;
    const submit = await calling(async ({ subject }) => {
      if (++made === 1) throw later;
      await promise;
      return { subject, by: 10, effects: [] };
    });
    await waiting();
    await counters.database.query('UPDATE external_calls SET next_attempt_at = now() WHERE key = $1', [key]);
    await eventually(() => expect(made).toBe(2));
    expect(await submit(settling(100))).toMatchObject({ kind: 'refused' });
    resolve();
    await eventually(async () => expect(await counters.valueOf(subject)).toBe(11));
  });
});
