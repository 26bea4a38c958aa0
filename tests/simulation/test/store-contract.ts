import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { inboxId, MAX_ATTEMPTS, SHARDS, type Store } from '@orderflow/durable';
import type { OutgoingRecord } from '@orderflow/kafka';
import { context, incomingEvent, record, retryOf, Sessions, type TwoInstances, undecodable } from './store-fixture.js';

const everyShard = Array.from({ length: SHARDS }, (_, shard) => shard);
const texts = (rows: readonly OutgoingRecord[]): string[] => rows.map(({ value }) => value.toString());

/** The tests that every implementation of the tables of libs/durable must pass. */
export function isAStore<Tx>(openTwo: () => Promise<TwoInstances<Tx>>): void {
  let instances: TwoInstances<Tx>;
  let one: Store<Tx>;
  let two: Store<Tx>;
  let sessions: Sessions;

  beforeEach(async () => {
    instances = await openTwo();
    ({ one, two } = instances);
    sessions = new Sessions();
  });
  afterEach(async () => {
    await sessions.end();
    await instances.end();
  });

  describe('a transaction', () => {
    it('is visible to others only after its commit', async () => {
      const open = await sessions.openTransaction(one, (tx) => one.outbox.append(tx, [record('k', 'a')]));
      expect(await two.outbox.unsent(two.database, everyShard, 10)).toEqual([]);
      await open.commit();
      expect(texts(await two.outbox.unsent(two.database, everyShard, 10))).toEqual(['a']);
    });

    it('leaves nothing behind when it fails', async () => {
      const open = await sessions.openTransaction(one, async (tx) => {
        await one.outbox.append(tx, [record('k', 'a')]);
        await one
          .parking('payments', 'c', '')
          .park(tx, [{ incoming: incomingEvent('k'), why: 'refused', reason: 'bad' }]);
      });
      await open.fail();
      expect(await two.outbox.unsent(two.database, everyShard, 10)).toEqual([]);
      expect(await two.parking('payments', 'c', '').holds(two.database, ['k'])).toEqual(new Set());
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
      const bad = undecodable();
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
      await two.outbox.unsent(two.database, everyShard, 1);
      isOver = true;
      await first[end]();
      expect((await second).size).toBe(admitted);
    });
  });

  describe('the outbox', () => {
    it('returns the rows of the given shards in the order in which they were written', async () => {
      for (const text of ['a', 'b', 'c']) await one.outbox.append(one.database, [record('k', text)]);
      expect(texts(await two.outbox.unsent(two.database, everyShard, 2))).toEqual(['a', 'b']);
      const [row] = await two.outbox.unsent(two.database, everyShard, 1);
      await two.outbox.sent(two.database, [row!]);
      expect(texts(await one.outbox.unsent(one.database, everyShard, 9))).toEqual(['b', 'c']);
      expect(await one.outbox.unsent(one.database, [], 9)).toEqual([]);
    });

    it('returns a row with a lower number that is committed late', async () => {
      const late = await sessions.openTransaction(one, (tx) => one.outbox.append(tx, [record('k', 'late')]));
      await two.outbox.append(two.database, [record('l', 'early')]);
      expect(texts(await two.outbox.unsent(two.database, everyShard, 9))).toEqual(['early']);
      await late.commit();
      expect(texts(await two.outbox.unsent(two.database, everyShard, 9))).toEqual(['late', 'early']);
    });

    it('blocks only the rows with the key of a rejected row', async () => {
      await one.outbox.append(one.database, [record('k', 'bad'), record('l', 'good'), record('k', 'behind')]);
      const [bad] = await one.outbox.unsent(one.database, everyShard, 1);
      await one.outbox.rejected(one.database, bad!, 'too large');
      expect(texts(await one.outbox.unsent(one.database, everyShard, 9))).toEqual(['good']);
    });
  });

  describe('parking', () => {
    const parkingOf = (store: Store<Tx>) => store.parking('payments', 'c', '');
    const park = (subject: string, count = 1) =>
      sessions.inTransaction(one, (tx) =>
        parkingOf(one).park(
          tx,
          Array.from({ length: count }, () => ({ incoming: incomingEvent(subject), why: 'refused', reason: 'bad' })),
        ),
      );

    it('returns the head of each queue', async () => {
      await park('a', 2);
      await park('b');
      const [a, b] = await parkingOf(two).due(two.database, 9);
      expect([a!.subject, b!.subject]).toEqual(['a', 'b']);
      await sessions.inTransaction(two, (tx) => parkingOf(two).unpark(tx, [a!.id]));
      const [next] = await parkingOf(two).due(two.database, 9);
      expect(next!.subject).toBe('a');
      expect(next!.id).not.toBe(a!.id);
      expect(await parkingOf(one).holds(one.database, ['a', 'b', 'c'])).toEqual(new Set(['a', 'b']));
    });

    it('locks a row for one instance; the next one finds it deleted', async () => {
      await park('a');
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
      await sessions.inTransaction(one, (tx) =>
        parkingOf(one).park(
          tx,
          [head, later, copy].map((incoming) => ({ incoming, why: 'refused', reason: 'bad' })),
        ),
      );
      const [row] = await parkingOf(one).due(one.database, 1);
      const retry = { parkedId: row!.id, subject: 'a', eventId: inboxId(copy) };
      const taken = await sessions.inTransaction(one, (tx) => parkingOf(one).take(tx, [retry]));
      expect([...taken.values()]).toEqual([inboxId(head), inboxId(copy)]);
    });

    it('publishes a dead letter once after too many attempts, and keeps the row in its place', async () => {
      await park('a');
      const [row] = await parkingOf(one).due(one.database, 1);
      const deadLetters: OutgoingRecord[] = [];
      for (let attempt = 0; attempt <= MAX_ATTEMPTS; attempt++) {
        const again = {
          incoming: incomingEvent('a', { parkedId: row!.id }),
          why: 'refused' as const,
          reason: 'still bad',
        };
        deadLetters.push(...(await sessions.inTransaction(one, (tx) => parkingOf(one).failedAgain(tx, [again]))));
      }
      expect(deadLetters.map(({ key, topic }) => [key, topic])).toEqual([['a', 'payments.dead-letters']]);
      expect(await parkingOf(one).due(one.database, 9)).toEqual([]);
      expect(await parkingOf(one).holds(one.database, ['a'])).toEqual(new Set(['a']));
    });
  });

  describe('external calls', () => {
    const call = (key: string) => ({
      key,
      kind: 'charge',
      subject: 'k',
      request: { a: 1 },
      context: context(),
      attempts: 1,
    });

    it('belong to their instance for one lease, then one other instance claims them', async () => {
      const key = randomUUID();
      await sessions.inTransaction(one, (tx) => one.calls.add(tx, [call(key)]));
      expect(await two.calls.claim(two.database, 9)).toEqual([]);
      await one.calls.retryIn(one.database, { key, attempts: 1 }, 0, 'no answer');
      const claimed = await Promise.all([one.calls.claim(one.database, 9), two.calls.claim(two.database, 9)]);
      expect(claimed.flat()).toMatchObject([{ key, attempts: 2, request: { a: 1 } }]);
      // A late answer to the first attempt must not change the schedule of the second.
      await one.calls.retryIn(one.database, { key, attempts: 1 }, 0, 'no answer');
      expect(await one.calls.claim(one.database, 9)).toEqual([]);
    });

    it('are stored once per key and deleted once they are answered', async () => {
      const key = randomUUID();
      for (let i = 0; i < 2; i++) await sessions.inTransaction(one, (tx) => one.calls.add(tx, [call(key)]));
      await sessions.inTransaction(one, (tx) => one.calls.answered(tx, [key]));
      await one.calls.retryIn(one.database, { key, attempts: 1 }, 0, 'no answer');
      expect(await two.calls.claim(two.database, 9)).toEqual([]);
    });
  });

  describe('deadlines', () => {
    const set = (subject: string, at: Date) => new Map([[subject, { at, context: context() }]]);
    const past = new Date(0);
    const passed = async () => (await two.deadlines.passed(two.database, 9)).map(({ subject }) => subject);

    it('pass once they are due, and never after they are cleared', async () => {
      await one.deadlines.apply(one.database, set('a', past));
      await one.deadlines.apply(one.database, set('later', new Date(Date.now() + 3_600_000)));
      expect(await passed()).toEqual(['a']);
      await one.deadlines.apply(one.database, new Map([['a', undefined]]));
      expect(await passed()).toEqual([]);
    });

    it('are removed only if they are unchanged since they were read', async () => {
      await one.deadlines.apply(one.database, set('a', past));
      const read = await two.deadlines.passed(two.database, 9);
      await one.deadlines.apply(one.database, set('a', new Date(1)));
      await two.deadlines.remove(two.database, read);
      expect(await passed()).toEqual(['a']);
      await two.deadlines.remove(two.database, await two.deadlines.passed(two.database, 9));
      expect(await passed()).toEqual([]);
    });
  });

  describe('the shard locks of relays', () => {
    it('give a shard to one relay until it gives it back or its session ends', async () => {
      const [first, second] = [one.session('first'), two.session('second')];
      sessions.onEnd(() => first.end());
      sessions.onEnd(() => second.end());
      expect(await first.session((tx) => one.shardLocks.join(tx))).toBe(1);
      expect(await second.session((tx) => two.shardLocks.join(tx))).toBe(2);
      expect(await first.session((tx) => one.shardLocks.take(tx, 0))).toBe(true);
      expect(await first.session((tx) => one.shardLocks.take(tx, 1))).toBe(true);
      expect(await second.session((tx) => two.shardLocks.take(tx, 0))).toBe(false);
      await first.session((tx) => one.shardLocks.giveBack(tx, 0));
      expect(await second.session((tx) => two.shardLocks.take(tx, 0))).toBe(true);
      expect(await second.session((tx) => two.shardLocks.take(tx, 1))).toBe(false);
      await first.end();
      expect(first.isOpen).toBe(false);
      // The server notices a moment later that the session is over.
      await eventually(() => second.session((tx) => two.shardLocks.take(tx, 1)));
      expect(await second.session((tx) => two.shardLocks.join(tx))).toBe(1);
    });
  });
}
