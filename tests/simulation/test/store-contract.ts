import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { type Advance, inboxId, MAX_ATTEMPTS, SHARDS, type Store, type ToPark } from '@orderflow/durable';
import type { OutgoingRecord } from '@orderflow/kafka';
import { aContext as context, undecodable } from '@orderflow/durable/test/counters';
import { storesCalls } from './calls-contract.js';
import { type Given, incomingEvent, record, retryOf, Sessions, type TwoInstances } from './store-fixture.js';

const everyShard = Array.from({ length: SHARDS }, (_, shard) => shard);
const unsent = <Tx>({ outbox, database }: Store<Tx>, limit = 9) => outbox.unsent(database, everyShard, limit);
const unsentTexts = async <Tx>(store: Store<Tx>, limit?: number) =>
  (await unsent(store, limit)).map(({ value }) => value.toString());
const parkingOf = <Tx>(store: Store<Tx>) => store.parking('payments', 'c', '');
const toPark = (incoming: ToPark['incoming']): ToPark => ({ incoming, why: 'refused', reason: 'bad' });

/** The tests that every implementation of the tables of libs/durable must pass. */
export function isAStore<Tx>(openTwo: () => Promise<TwoInstances<Tx>>): void {
  let instances: TwoInstances<Tx>;
  let one: Store<Tx>;
  let two: Store<Tx>;
  let sessions: Sessions;
  const given = {} as Given<Tx>;

  beforeEach(async () => {
    instances = await openTwo();
    ({ one, two } = instances);
    sessions = new Sessions();
    Object.assign(given, { one, two, sessions });
  });
  afterEach(async () => {
    await sessions.end();
    await instances.end();
  });

  describe('a transaction', () => {
    it('is visible to others only after its commit', async () => {
      const open = await sessions.openTransaction(one, (tx) => one.outbox.append(tx, [record('k', 'a')]));
      expect(await unsent(two)).toEqual([]);
      await open.commit();
      expect(await unsentTexts(two)).toEqual(['a']);
    });

    it('leaves nothing behind when it fails', async () => {
      const open = await sessions.openTransaction(one, async (tx) => {
        await one.outbox.append(tx, [record('k', 'a')]);
        await parkingOf(one).park(tx, [toPark(incomingEvent('k'))]);
      });
      await open.fail();
      expect(await unsent(two)).toEqual([]);
      expect(await parkingOf(two).holds(two.database, ['k'])).toEqual(new Set());
    });
  });

  describe('the consumed offsets', () => {
    const offset = (next: string, changes: Partial<Advance> = {}): Advance => ({
      topic: 't',
      partition: 0,
      next,
      since: '0',
      appendedAt: new Date(1000),
      ...changes,
    });
    const advance = (...offsets: Advance[]) => one.offsets('c').advance(one.database, offsets);
    const stored = async () => {
      const rows = await two.offsets('c').read(two.database);
      return rows.map(({ topic, partition, next }) => `${topic}/${partition} ${next}`).sort();
    };

    it('advance for each consumer and partition, and never back', async () => {
      expect(await advance(offset('5'), offset('9', { partition: 1 }))).toBe(2);
      await two.offsets('d').advance(two.database, [offset('70')]);
      expect(await advance(offset('7', { since: '5' }), offset('3', { partition: 1 }))).toBe(2);
      expect(await stored()).toEqual(['t/0 7', 't/1 9']);
    });

    it('do not advance over a gap: the row must have reached what the caller knew of it', async () => {
      await advance(offset('5'));
      expect(await advance(offset('9', { since: '6' }), offset('2', { partition: 1 }))).toBe(1);
      expect(await advance(offset('9', { partition: 2, since: '1' }))).toBe(0);
      expect(await stored()).toEqual(['t/0 5', 't/1 2']);
    });

    it('are not visible before their transaction commits, and gone when it fails', async () => {
      const open = await sessions.openTransaction(one, (tx) => one.offsets('c').advance(tx, [offset('5')]));
      expect(await stored()).toEqual([]);
      await open.fail();
      expect(await stored()).toEqual([]);
    });

    it('can be set back', async () => {
      await advance(offset('5'));
      await one.offsets('c').set(one.database, [offset('2')]);
      expect(await stored()).toEqual(['t/0 2']);
    });

    it('skip records that expired, where no other instance has moved the offset meanwhile', async () => {
      await advance(offset('5'), offset('9', { partition: 1 }));
      const expired = (first: string, partition: number) => ({ topic: 't', partition, first, next: '20' });
      expect(await one.offsets('c').skip(one.database, [expired('5', 0), expired('8', 1)])).toBe(1);
      expect(await one.offsets('d').skip(one.database, [expired('20', 0)])).toBe(0);
      expect(await stored()).toEqual(['t/0 20', 't/1 9']);
    });
  });

  describe('the inbox', () => {
    it('admits an event once for each consumer', async () => {
      const event = incomingEvent();
      const ids = new Set([event.context.id]);
      expect(await one.inbox('c').admit(one.database, [event, event])).toEqual(ids);
      expect(await two.inbox('c').admit(two.database, [event])).toEqual(new Set());
      expect(await two.inbox('d').admit(two.database, [event])).toEqual(ids);
    });

    it('records only undecodable records for a consumer that knows events by their number', async () => {
      const event = incomingEvent();
      const bad = undecodable(randomUUID());
      const numbered = one.inbox('views', false);
      expect((await numbered.admit(one.database, [event, bad])).size).toBe(2);
      expect(await numbered.admit(one.database, [event, bad])).toEqual(new Set([event.context.id]));
    });

    it.each([
      ['commits, and admits nothing', 'commit', 0],
      ['fails, and admits the event', 'fail', 1],
    ] as const)('makes a second instance wait until the first one %s', async (_, end, admitted) => {
      const event = incomingEvent();
      const first = await sessions.openTransaction(one, (tx) => one.inbox('c').admit(tx, [event]));
      let isOver = false;
      const second = sessions.inTransaction(two, async (tx) => {
        const ids = await two.inbox('c').admit(tx, [event]);
        expect(isOver).toBe(true);
        return ids;
      });
      await unsent(two, 1);
      isOver = true;
      await first[end]();
      expect((await second).size).toBe(admitted);
    });
  });

  describe('the outbox', () => {
    it('returns the rows of the given shards in the order in which they were written', async () => {
      for (const text of ['a', 'b', 'c']) await one.outbox.append(one.database, [record('k', text)]);
      expect(await unsentTexts(two, 2)).toEqual(['a', 'b']);
      const [row] = await unsent(two, 1);
      await two.outbox.sent(two.database, [row!]);
      expect(await unsentTexts(one)).toEqual(['b', 'c']);
      expect(await one.outbox.unsent(one.database, [], 9)).toEqual([]);
    });

    it('tells which row is the last one, where it has not stopped at the limit', async () => {
      for (const text of ['a', 'b', 'c']) await one.outbox.append(one.database, [record('k', text)]);
      const isLast = async (limit: number) => (await unsent(two, limit)).map((row) => row.isLast);
      expect(await isLast(9)).toEqual([false, false, true]);
      expect(await isLast(3)).toEqual([false, false, false]);
      expect(await isLast(2)).toEqual([false, false]);
    });

    it('returns a row with a lower number that is committed late', async () => {
      const late = await sessions.openTransaction(one, (tx) => one.outbox.append(tx, [record('k', 'late')]));
      await two.outbox.append(two.database, [record('l', 'early')]);
      expect(await unsentTexts(two)).toEqual(['early']);
      await late.commit();
      expect(await unsentTexts(two)).toEqual(['late', 'early']);
    });

    it('blocks only the rows with the key of a rejected row', async () => {
      await one.outbox.append(one.database, [record('k', 'bad'), record('l', 'good'), record('k', 'behind')]);
      const [bad] = await unsent(one, 1);
      await one.outbox.rejected(one.database, bad!, 'too large');
      expect(await unsentTexts(one)).toEqual(['good']);
    });
  });

  describe('parking', () => {
    const park = (...incoming: ToPark['incoming'][]) =>
      sessions.inTransaction(one, (tx) => parkingOf(one).park(tx, incoming.map(toPark)));

    it('returns the head of each queue', async () => {
      await park(incomingEvent('a'), incomingEvent('a'));
      await park(incomingEvent('b'));
      const [a, b] = await parkingOf(two).due(two.database, 9);
      expect([a!.subject, b!.subject]).toEqual(['a', 'b']);
      await sessions.inTransaction(two, (tx) => parkingOf(two).unpark(tx, [a!.id]));
      const [next] = await parkingOf(two).due(two.database, 9);
      expect(next!.subject).toBe('a');
      expect(next!.id).not.toBe(a!.id);
      expect(await parkingOf(one).holds(one.database, ['a', 'b', 'c'])).toEqual(new Set(['a', 'b']));
    });

    it('locks a row for one instance; the next one finds it deleted', async () => {
      await park(incomingEvent('a'));
      const [row] = await parkingOf(one).due(one.database, 1);
      const first = await sessions.openTransaction(one, async (tx) => {
        await parkingOf(one).take(tx, [retryOf(row!)]);
        await parkingOf(one).unpark(tx, [row!.id]);
      });
      const second = sessions.inTransaction(two, (tx) => parkingOf(two).take(tx, [retryOf(row!)]));
      await first.commit();
      expect((await second).size).toBe(0);
    });

    it('also locks the copy of the event that waits behind the row, and no other row', async () => {
      const [head, later, copy] = [undecodable('a'), incomingEvent('a'), incomingEvent('a')];
      await park(head, later, copy);
      const [row] = await parkingOf(one).due(one.database, 1);
      const retry = { parkedId: row!.id, subject: 'a', eventId: inboxId(copy) };
      const taken = await sessions.inTransaction(one, (tx) => parkingOf(one).take(tx, [retry]));
      expect([...taken.values()]).toEqual([inboxId(head), inboxId(copy)]);
    });

    it('publishes a dead letter once after too many attempts, and keeps the row in its place', async () => {
      await park(incomingEvent('a'));
      const [row] = await parkingOf(one).due(one.database, 1);
      const deadLetters: OutgoingRecord[] = [];
      for (let attempt = 0; attempt <= MAX_ATTEMPTS; attempt++) {
        const again = toPark(incomingEvent('a', { parkedId: row!.id }));
        deadLetters.push(...(await sessions.inTransaction(one, (tx) => parkingOf(one).failedAgain(tx, [again]))));
      }
      expect(deadLetters.map(({ key, topic }) => [key, topic])).toEqual([['a', 'payments.dead-letters']]);
      expect(await parkingOf(one).due(one.database, 9)).toEqual([]);
      expect(await parkingOf(one).holds(one.database, ['a'])).toEqual(new Set(['a']));
    });
  });

  storesCalls(given);

  describe('deadlines', () => {
    const set = (subject: string, inSeconds: number) =>
      one.deadlines.apply(one.database, new Map([[subject, { inSeconds, context: context() }]]));
    const passed = async () => (await two.deadlines.passed(two.database, 9)).map(({ subject }) => subject);

    it('pass once they are due, and never after they are cleared', async () => {
      await set('a', -1);
      await set('later', 3_600);
      expect(await passed()).toEqual(['a']);
      await one.deadlines.apply(one.database, new Map([['a', undefined]]));
      expect(await passed()).toEqual([]);
    });

    it('are read in the order of their times, from any of them on', async () => {
      for (const [subject, inSeconds] of Object.entries({ b: -1, c: -3, a: -2 })) await set(subject, inSeconds);
      const [first, second] = await two.deadlines.passed(two.database, 2);
      expect([first?.subject, second?.subject]).toEqual(['c', 'a']);
      expect(await two.deadlines.passed(two.database, 2, second)).toMatchObject([{ subject: 'b' }]);
    });

    it('are removed only if they are unchanged since they were read', async () => {
      await set('a', -1);
      const read = await two.deadlines.passed(two.database, 9);
      await set('a', -2);
      await two.deadlines.remove(two.database, read);
      expect(await passed()).toEqual(['a']);
      await two.deadlines.remove(two.database, await two.deadlines.passed(two.database, 9));
      expect(await passed()).toEqual([]);
    });
  });

  describe('the shard locks of relays', () => {
    it('give a shard to one relay until it gives it back or its session ends', async () => {
      const [first, second] = [one.session('first'), two.session('second')];
      const takeFirst = (shard: number) => first.session((tx) => one.shardLocks.take(tx, shard));
      const takeSecond = (shard: number) => second.session((tx) => two.shardLocks.take(tx, shard));
      sessions.onEnd(() => first.end());
      sessions.onEnd(() => second.end());
      expect(await first.session((tx) => one.shardLocks.join(tx))).toEqual({ relays: 1, held: [] });
      expect(await second.session((tx) => two.shardLocks.join(tx))).toEqual({ relays: 2, held: [] });
      expect(await takeFirst(0)).toBe(true);
      expect(await takeFirst(1)).toBe(true);
      expect(await takeSecond(0)).toBe(false);
      await first.session((tx) => one.shardLocks.giveBack(tx, 0));
      expect(await takeSecond(0)).toBe(true);
      expect(await takeSecond(1)).toBe(false);
      await first.end();
      expect(first.isOpen).toBe(false);
      // The server notices a moment later that the session is over.
      await eventually(() => takeSecond(1));
      expect(await second.session((tx) => two.shardLocks.join(tx))).toEqual({ relays: 1, held: [0, 1] });
    });
  });
}
