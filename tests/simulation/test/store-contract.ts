import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type IncomingEvent,
  inboxId,
  MAX_ATTEMPTS,
  type ParkedRecord,
  type Retry,
  SHARDS,
  type Store,
  type UndecodableRecord,
} from '@orderflow/durable';
import type { OutgoingRecord } from '@orderflow/kafka';

/** The database of one service as two of its members reach it. */
export interface TwoMembers<Tx> {
  readonly one: Store<Tx>;
  readonly two: Store<Tx>;
  end(): Promise<void>;
}

const context = (id: string = randomUUID()) => ({
  id,
  correlationId: 'request',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00',
  at: new Date(),
});

const heard = (subject: string = randomUUID(), over: Partial<IncomingEvent<unknown>> = {}): IncomingEvent<unknown> => ({
  kind: 'event',
  command: {},
  context: context(),
  subject,
  record: {
    topic: 'orders.events',
    partition: 0,
    offset: '0',
    timestamp: new Date(),
    key: Buffer.from(subject),
    value: Buffer.from(subject),
    headers: {},
  },
  ...over,
});

const undecodable = (subject: string): UndecodableRecord => ({
  kind: 'undecodable',
  subject,
  record: heard(subject).record,
  why: 'undecodable',
  reason: 'no Avro',
});

/** Another attempt at a row whose event is no copy of any other. */
const retryOf = ({ id, subject }: ParkedRecord): Retry => ({ parkedId: id, subject, eventId: randomUUID() });

const record = (key: string, text: string): OutgoingRecord => ({
  topic: 'orders.events',
  key,
  value: Buffer.from(text),
  headers: { ce_id: text },
});

const everyShard = Array.from({ length: SHARDS }, (_, shard) => shard);
const texts = (rows: readonly OutgoingRecord[]): string[] => rows.map(({ value }) => value.toString());

/** A promise that is kept when `open` is called. */
function gate(): { passed: Promise<void>; open: () => void } {
  let open: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { passed, open };
}

/** What the tables of libs/durable promise, whoever keeps them. */
export function isAStore<Tx>(openTwo: () => Promise<TwoMembers<Tx>>): void {
  let members: TwoMembers<Tx>;
  let one: Store<Tx>;
  let two: Store<Tx>;
  let ends: (() => Promise<void>)[];

  beforeEach(async () => {
    members = await openTwo();
    ({ one, two } = members);
    ends = [];
  });
  afterEach(async () => {
    for (const end of ends) await end();
    await members.end();
  });

  const inTransaction = <T>(store: Store<Tx>, work: (tx: Tx) => Promise<T>): Promise<T> => {
    const connection = store.batches('member');
    ends.push(() => connection.end());
    return connection.transaction(work);
  };

  /** A transaction that has done `work` and is not over before `end` is called. */
  async function halfway<T>(store: Store<Tx>, work: (tx: Tx) => Promise<T>) {
    const [reached, over] = [gate(), gate()];
    let failure: Error | undefined;
    const done = inTransaction(store, async (tx) => {
      const result = await work(tx);
      reached.open();
      await over.passed;
      if (failure) throw failure;
      return result;
    });
    await Promise.race([reached.passed, done]);
    const commit = () => {
      over.open();
      return done;
    };
    const fail = async () => {
      failure = new Error('rolled back');
      over.open();
      // It fails as it was told to.
      await done.catch(() => undefined);
    };
    return { commit, fail };
  }

  describe('a transaction', () => {
    it('is seen by others when it is committed, not before', async () => {
      const open = await halfway(one, (tx) => one.outbox.append(tx, [record('k', 'a')]));
      expect(await two.outbox.unsent(two.database, everyShard, 10)).toEqual([]);
      await open.commit();
      expect(texts(await two.outbox.unsent(two.database, everyShard, 10))).toEqual(['a']);
    });

    it('leaves nothing behind when it fails', async () => {
      const open = await halfway(one, async (tx) => {
        await one.outbox.append(tx, [record('k', 'a')]);
        await one.parking('payments', 'c', '').park(tx, [{ incoming: heard('k'), why: 'refused', reason: 'bad' }]);
      });
      await open.fail();
      expect(await two.outbox.unsent(two.database, everyShard, 10)).toEqual([]);
      expect(await two.parking('payments', 'c', '').holds(two.database, ['k'])).toEqual(new Set());
    });
  });

  describe('the inbox', () => {
    it('admits an event once for each consumer', async () => {
      const event = heard();
      const ids = new Set([event.context.id]);
      expect(await one.inbox('c').admit(one.database, [event, event])).toEqual(ids);
      expect(await two.inbox('c').admit(two.database, [event])).toEqual(new Set());
      expect(await two.inbox('d').admit(two.database, [event])).toEqual(ids);
    });

    it('notes only what cannot be read where events are known by their number', async () => {
      const event = heard();
      const undecodable = { ...heard(), kind: 'undecodable' as const, why: 'undecodable' as const, reason: 'not Avro' };
      const numbered = one.inbox('views', false);
      expect((await numbered.admit(one.database, [event, undecodable])).size).toBe(2);
      expect(await numbered.admit(one.database, [event, undecodable])).toEqual(new Set([event.context.id]));
    });

    it.each([
      ['commits, and has nothing left', 'commit', 0],
      ['fails, and takes it on', 'fail', 1],
    ] as const)('lets a second member wait until the first one %s', async (_, end, admitted) => {
      const event = heard();
      const first = await halfway(one, (tx) => one.inbox('c').admit(tx, [event]));
      let isOver = false;
      const second = inTransaction(two, async (tx) => {
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
    it('gives rows in the order in which they were written, of the shards asked for', async () => {
      for (const text of ['a', 'b', 'c']) await one.outbox.append(one.database, [record('k', text)]);
      expect(texts(await two.outbox.unsent(two.database, everyShard, 2))).toEqual(['a', 'b']);
      const [row] = await two.outbox.unsent(two.database, everyShard, 1);
      await two.outbox.sent(two.database, [row!]);
      expect(texts(await one.outbox.unsent(one.database, everyShard, 9))).toEqual(['b', 'c']);
      expect(await one.outbox.unsent(one.database, [], 9)).toEqual([]);
    });

    it('finds a row of a lower number that is committed late', async () => {
      const late = await halfway(one, (tx) => one.outbox.append(tx, [record('k', 'late')]));
      await two.outbox.append(two.database, [record('l', 'early')]);
      expect(texts(await two.outbox.unsent(two.database, everyShard, 9))).toEqual(['early']);
      await late.commit();
      expect(texts(await two.outbox.unsent(two.database, everyShard, 9))).toEqual(['late', 'early']);
    });

    it('holds back what has the key of a row that was set aside, and nothing else', async () => {
      await one.outbox.append(one.database, [record('k', 'bad'), record('l', 'good'), record('k', 'behind')]);
      const [bad] = await one.outbox.unsent(one.database, everyShard, 1);
      await one.outbox.rejected(one.database, bad!, 'too large');
      expect(texts(await one.outbox.unsent(one.database, everyShard, 9))).toEqual(['good']);
    });
  });

  describe('parking', () => {
    const parkingOf = (store: Store<Tx>) => store.parking('payments', 'c', '');
    const park = (subject: string, many = 1) =>
      inTransaction(one, (tx) =>
        parkingOf(one).park(
          tx,
          Array.from({ length: many }, () => ({ incoming: heard(subject), why: 'refused', reason: 'bad' })),
        ),
      );

    it('gives the head of each queue, until it is gone', async () => {
      await park('a', 2);
      await park('b');
      const [a, b] = await parkingOf(two).due(two.database, 9);
      expect([a!.subject, b!.subject]).toEqual(['a', 'b']);
      await inTransaction(two, (tx) => parkingOf(two).unpark(tx, [a!.id]));
      const [next] = await parkingOf(two).due(two.database, 9);
      expect(next!.subject).toBe('a');
      expect(next!.id).not.toBe(a!.id);
      expect(await parkingOf(one).holds(one.database, ['a', 'b', 'c'])).toEqual(new Set(['a', 'b']));
    });

    it('lets one member work on a row; the next one finds it gone', async () => {
      await park('a');
      const [row] = await parkingOf(one).due(one.database, 1);
      const first = await halfway(one, async (tx) => {
        await parkingOf(one).take(tx, [retryOf(row!)]);
        await parkingOf(one).unpark(tx, [row!.id]);
      });
      const second = inTransaction(two, (tx) => parkingOf(two).take(tx, [retryOf(row!)]));
      await first.commit();
      expect((await second).size).toBe(0);
    });

    it('takes the copy of its event that waits behind a row as well, and no other', async () => {
      const [head, later, copy] = [undecodable('a'), heard('a'), heard('a')];
      await inTransaction(one, (tx) =>
        parkingOf(one).park(
          tx,
          [head, later, copy].map((incoming) => ({ incoming, why: 'refused', reason: 'bad' })),
        ),
      );
      const [row] = await parkingOf(one).due(one.database, 1);
      const retry = { parkedId: row!.id, subject: 'a', eventId: inboxId(copy) };
      const taken = await inTransaction(one, (tx) => parkingOf(one).take(tx, [retry]));
      expect([...taken.values()]).toEqual([inboxId(head), inboxId(copy)]);
    });

    it('makes a dead letter of what has failed too often: said once, and still in its place', async () => {
      await park('a');
      const [row] = await parkingOf(one).due(one.database, 1);
      const letters: OutgoingRecord[] = [];
      for (let attempt = 0; attempt <= MAX_ATTEMPTS; attempt++) {
        const again = { incoming: heard('a', { parkedId: row!.id }), why: 'refused' as const, reason: 'still bad' };
        letters.push(...(await inTransaction(one, (tx) => parkingOf(one).failedAgain(tx, [again]))));
      }
      expect(letters.map(({ key, topic }) => [key, topic])).toEqual([['a', 'payments.dead-letters']]);
      expect(await parkingOf(one).due(one.database, 9)).toEqual([]);
      expect(await parkingOf(one).holds(one.database, ['a'])).toEqual(new Set(['a']));
    });
  });

  describe('calls outside', () => {
    const call = (key: string) => ({
      key,
      kind: 'ask',
      subject: 'k',
      request: { a: 1 },
      context: context(),
      attempts: 1,
    });

    it('are left to who made them for the length of a lease, then taken over by one', async () => {
      const key = randomUUID();
      await inTransaction(one, (tx) => one.calls.add(tx, [call(key)]));
      expect(await two.calls.claim(two.database, 9)).toEqual([]);
      await one.calls.retryIn(one.database, { key, attempts: 1 }, 0, 'no answer');
      const claimed = await Promise.all([one.calls.claim(one.database, 9), two.calls.claim(two.database, 9)]);
      expect(claimed.flat()).toMatchObject([{ key, attempts: 2, request: { a: 1 } }]);
      // Who had it before comes back late, and has no say in it any more.
      await one.calls.retryIn(one.database, { key, attempts: 1 }, 0, 'no answer');
      expect(await one.calls.claim(one.database, 9)).toEqual([]);
    });

    it('are noted once for each key, and gone once they are answered', async () => {
      const key = randomUUID();
      for (let i = 0; i < 2; i++) await inTransaction(one, (tx) => one.calls.add(tx, [call(key)]));
      await inTransaction(one, (tx) => one.calls.answered(tx, [key]));
      await one.calls.retryIn(one.database, { key, attempts: 1 }, 0, 'no answer');
      expect(await two.calls.claim(two.database, 9)).toEqual([]);
    });
  });

  describe('deadlines', () => {
    const set = (subject: string, at: Date) => new Map([[subject, { at, context: context() }]]);
    const past = new Date(0);
    const passed = async () => (await two.deadlines.passed(two.database, 9)).map(({ subject }) => subject);

    it('pass once they are due, and are gone when they are cleared', async () => {
      await one.deadlines.apply(one.database, set('a', past));
      await one.deadlines.apply(one.database, set('later', new Date(Date.now() + 3_600_000)));
      expect(await passed()).toEqual(['a']);
      await one.deadlines.apply(one.database, new Map([['a', undefined]]));
      expect(await passed()).toEqual([]);
    });

    it('are forgotten as they were read, not as they are by now', async () => {
      await one.deadlines.apply(one.database, set('a', past));
      const read = await two.deadlines.passed(two.database, 9);
      await one.deadlines.apply(one.database, set('a', new Date(1)));
      await two.deadlines.remove(two.database, read);
      expect(await passed()).toEqual(['a']);
      await two.deadlines.remove(two.database, await two.deadlines.passed(two.database, 9));
      expect(await passed()).toEqual([]);
    });
  });

  describe('the shardLocks of relays', () => {
    it('give a shard to one of them, until it gives it back or its session ends', async () => {
      const [first, second] = [one.session('first'), two.session('second')];
      ends.push(
        () => first.end(),
        () => second.end(),
      );
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
      await until(() => second.session((tx) => two.shardLocks.take(tx, 1)));
      expect(await second.session((tx) => two.shardLocks.join(tx))).toBe(1);
    });
  });
}

/** A server notices a moment later that a session is over. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 10_000; !(await holds());) if (Date.now() > end) throw new Error('never');
}
