import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { WaitsFor } from '@orderflow/durable';
import { aContext as context } from '@orderflow/durable/test/counters';
import type { Given } from './store-fixture.js';

/** The tests that every implementation of the table of external calls must pass. */
export function storesCalls<Tx>(given: Given<Tx>): void {
  describe('external calls', () => {
    const call = { kind: 'charge', subject: 'k', request: { a: 1 }, context: context(), attempts: 1 };
    const add = (key: string) =>
      given.sessions.inTransaction(given.one, (tx) => given.one.calls.add(tx, [{ ...call, key }]));
    const retry = (key: string, delayMs = 0) =>
      given.one.calls.retryIn(given.one.database, { key, attempts: 1 }, delayMs, { reason: 'no answer' });
    const claim = (store: typeof given.one, kind = 'charge') => store.calls.claim(store.database, [kind], 9);

    it('belong to their instance for one lease, then one other instance claims them', async () => {
      const key = randomUUID();
      await add(key);
      expect(await claim(given.two)).toEqual([]);
      await retry(key);
      const claimed = await Promise.all([claim(given.one), claim(given.two)]);
      expect(claimed.flat()).toMatchObject([{ key, attempts: 2, request: { a: 1 } }]);
      // A late answer to the first attempt must not change the schedule of the second.
      await retry(key);
      expect(await claim(given.one)).toEqual([]);
    });

    it('are stored once per key and deleted once they are answered', async () => {
      const key = randomUUID();
      for (let i = 0; i < 2; i++) await add(key);
      await given.sessions.inTransaction(given.one, (tx) => given.one.calls.answered(tx, [key]));
      await retry(key);
      expect(await claim(given.two)).toEqual([]);
    });
  });

  describe('external calls that are refused', () => {
    const call = { kind: 'charge', subject: 'k', request: {}, context: context(), attempts: 1 };
    const settlement = { action: 'void', operator: 'ada', reason: 'seen' };
    const isDeadAfter = async (key: string, attempts: number) =>
      given.one.calls.retryIn(given.one.database, { key, attempts }, 0, { reason: 'refused', mostRefusals: 2 });
    const claim = () => given.two.calls.claim(given.two.database, ['charge'], 9);
    let key: string;
    beforeEach(async () => {
      key = randomUUID();
      await given.sessions.inTransaction(given.one, (tx) => given.one.calls.add(tx, [{ ...call, key }]));
    });

    it('are dead letters after their attempts, and claimed by no instance', async () => {
      expect(await isDeadAfter(key, 1)).toBe(false);
      expect(await claim()).toMatchObject([{ key, attempts: 2 }]);
      expect(await isDeadAfter(key, 2)).toBe(true);
      expect(await claim()).toEqual([]);
      expect(await given.one.calls.renew(given.one.database, [{ key, attempts: 2 }])).toEqual([]);
    });

    it('are open to operators once they are dead letters', async () => {
      const open = () => given.sessions.inTransaction(given.one, (tx) => given.one.calls.open(tx, [key, randomUUID()]));
      await isDeadAfter(key, 1);
      expect(await open()).toEqual(new Set());
      await claim();
      await isDeadAfter(key, 2);
      expect(await open()).toEqual(new Set([key]));
      await given.sessions.inTransaction(given.one, (tx) => given.one.calls.settled(tx, [{ key, ...settlement }]));
      expect(await open()).toEqual(new Set());
    });
  });

  describe('external calls that wait', () => {
    const call = { kind: 'mail', subject: 'k', request: {}, context: context(), attempts: 1 };
    const put = (attempts: number, waitsFor?: WaitsFor) =>
      given.one.calls.retryIn(given.one.database, { key, attempts }, 0, { reason: 'full', waitsFor });
    const claim = () => given.two.calls.claim(given.two.database, ['mail'], 9);
    const open = () => given.sessions.inTransaction(given.one, (tx) => given.one.calls.open(tx, [key]));
    let key: string;
    beforeEach(async () => {
      key = randomUUID();
      await given.sessions.inTransaction(given.one, (tx) => given.one.calls.add(tx, [{ ...call, key }]));
    });

    it.each(['other-side', 'operator'] as const)(
      'for the %s are open to operators between two attempts',
      async (side) => {
        expect(await open()).toEqual(new Set());
        await put(1, side);
        expect(await open()).toEqual(new Set([key]));
        await claim();
        expect(await open()).toEqual(new Set());
      },
    );

    it('are open where an instance gave them back without having begun', async () => {
      await put(1, 'operator');
      await claim();
      await given.two.calls.release(given.two.database, [{ key, attempts: 2 }]);
      expect(await open()).toEqual(new Set([key]));
    });

    it('are not open once their outcome is unknown', async () => {
      await put(1, 'other-side');
      await claim();
      await put(2);
      expect(await open()).toEqual(new Set());
    });
  });

  describe('the leases of external calls', () => {
    const call = { kind: 'charge', subject: 'k', request: {}, context: context(), attempts: 1 };
    const claim = () => given.two.calls.claim(given.two.database, ['charge'], 9);
    let key: string;
    beforeEach(async () => {
      key = randomUUID();
      await given.sessions.inTransaction(given.one, (tx) => given.one.calls.add(tx, [{ ...call, key }]));
    });
    const first = () => ({ key, attempts: 1 });

    it('are released at once for a call that was not begun', async () => {
      await given.one.calls.release(given.one.database, [first()]);
      expect(await claim()).toMatchObject([{ key, attempts: 2 }]);
      // A late release of the first attempt must not end the lease of the second.
      await given.one.calls.release(given.one.database, [first()]);
      expect(await claim()).toEqual([]);
    });

    it('are renewed for their own attempt only', async () => {
      expect(await given.one.calls.renew(given.one.database, [first(), { key: randomUUID(), attempts: 1 }])).toEqual([
        key,
      ]);
      await given.one.calls.release(given.one.database, [first()]);
      await claim();
      expect(await given.one.calls.renew(given.one.database, [first()])).toEqual([]);
    });

    it('are not renewed for a call that was put off meanwhile', async () => {
      await given.one.calls.retryIn(given.one.database, first(), 60_000, { reason: 'later' });
      expect(await given.one.calls.renew(given.one.database, [first()])).toEqual([]);
    });

    it('are claimed by kind', async () => {
      await given.one.calls.release(given.one.database, [first()]);
      expect(await given.two.calls.claim(given.two.database, ['mail'], 9)).toEqual([]);
      expect(await claim()).toHaveLength(1);
    });

    it('remember the first deferral of their call', async () => {
      await given.one.calls.retryIn(given.one.database, first(), 0, { reason: 'full', waitsFor: 'other-side' });
      const [second] = await claim();
      expect(second?.deferredSince).toBeInstanceOf(Date);
      await given.two.calls.retryIn(given.two.database, { key, attempts: 2 }, 0, { reason: 'no answer' });
      const [third] = await claim();
      expect(third?.deferredSince).toEqual(second?.deferredSince);
    });
  });
}
