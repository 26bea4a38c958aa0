import { describe, expect, it } from '@jest/globals';
import { afterReading, type IntakeState, openIntake, readingEveryMs, secondsUntilOpen } from './intake.js';

const settings = { deadlineSeconds: 60, freeOrders: 1_000 };

/** A system that accepts `placed` and decides at most `decided` orders a second, oldest first; refused orders are not placed. */
class Shop {
  state: IntakeState = openIntake;
  private at = 0;
  pending = 0;
  private changes = 0;
  refused = 0;

  /** @returns how long the intake was open, in seconds */
  run(seconds: number, { placed, decided }: { placed: number; decided: number }): number {
    let open = 0;
    for (let i = 0; i < seconds; i++) {
      const accepted = this.state.isOpen ? placed : 0;
      this.refused += placed - accepted;
      const ended = Math.min(this.pending + accepted, decided);
      this.pending += accepted - ended;
      this.changes += accepted + ended;
      this.read();
      if (this.state.isOpen) open++;
    }
    return open;
  }

  /** The database does not answer. */
  away(seconds: number): void {
    this.at += seconds;
  }

  private read(): void {
    this.at++;
    this.state = afterReading(this.state, { at: this.at, pending: this.pending, changes: this.changes }, settings);
  }
}

describe('the intake of orders', () => {
  it('stays open at any rate that the system keeps up with', () => {
    const shop = new Shop();
    expect(shop.run(600, { placed: 900, decided: 1_000 })).toBe(600);
  });

  // proves: orders: an intake opens at half the wait that closes it
  it('closes before orders wait for half of their deadline, and opens at a quarter', () => {
    const shop = new Shop();
    shop.run(300, { placed: 400, decided: 200 });
    const waits: number[] = [];
    let changes = 0;
    for (let i = 0; i < 300; i++) {
      const before = shop.state.isOpen;
      shop.run(1, { placed: 400, decided: 200 });
      waits.push(shop.state.waitSeconds);
      if (shop.state.isOpen !== before) changes++;
    }
    expect(Math.max(...waits)).toBeLessThanOrEqual(32);
    expect(Math.min(...waits)).toBeGreaterThan(13);
    // A cycle of about half a minute, not one of seconds.
    expect(changes).toBeGreaterThan(4);
    expect(changes).toBeLessThan(30);
  });

  it('stays open where orders wait for exactly half of their deadline', () => {
    let state = openIntake;
    // 100 orders are decided a second: 3,000 wait for half a minute.
    for (let at = 1; at < 30; at++) state = afterReading(state, { at, pending: 3_000, changes: at * 200 }, settings);
    expect(state).toMatchObject({ isOpen: true, waitSeconds: 30 });
  });

  it('accepts as many orders as are decided', () => {
    const shop = new Shop();
    shop.run(600, { placed: 1_000, decided: 200 });
    expect(shop.refused / 600).toBeGreaterThan(700);
    expect(shop.refused / 600).toBeLessThan(801);
  });

  it('closes soon after a start under a load that is far too high', () => {
    const shop = new Shop();
    expect(shop.run(30, { placed: 4_000, decided: 200 })).toBeLessThan(8);
  });

  it('stays open while nothing is decided for less than a third of a deadline', () => {
    const shop = new Shop();
    shop.run(120, { placed: 300, decided: 1_000 });
    expect(shop.run(18, { placed: 300, decided: 0 })).toBe(18);
    expect(shop.run(60, { placed: 300, decided: 1_000 })).toBe(60);
  });

  it('closes when nothing is decided for longer', () => {
    const shop = new Shop();
    shop.run(120, { placed: 300, decided: 1_000 });
    expect(shop.run(40, { placed: 300, decided: 0 })).toBeLessThan(25);
    expect(shop.state.isOpen).toBe(false);
    expect(secondsUntilOpen(shop.state, settings)).toBeGreaterThan(10);
  });

  it('opens once the pending ones are decided quickly again', () => {
    const shop = new Shop();
    shop.run(120, { placed: 300, decided: 1_000 });
    shop.run(40, { placed: 300, decided: 0 });
    shop.run(6, { placed: 300, decided: 500 });
    expect(shop.state.isOpen).toBe(true);
  });

  it('stays open just after a start, while nothing that was pending before is decided', () => {
    const shop = new Shop();
    shop.pending = 5_000;
    expect(shop.run(15, { placed: 0, decided: 0 })).toBe(15);
    expect(shop.run(15, { placed: 0, decided: 0 })).toBeLessThan(10);
  });

  it('stays open while the first of many that are pending are decided slowly, for a moment', () => {
    const shop = new Shop();
    shop.pending = 5_000;
    shop.run(1, { placed: 0, decided: 0 });
    expect(shop.run(3, { placed: 0, decided: 10 })).toBe(3);
  });

  it('stays open for a burst after a quiet time', () => {
    const shop = new Shop();
    shop.run(120, { placed: 1, decided: 500 });
    expect(shop.run(1, { placed: 3_000, decided: 500 })).toBe(1);
    expect(shop.run(20, { placed: 1, decided: 500 })).toBe(20);
  });

  it('stays open for few orders, however long they wait', () => {
    const shop = new Shop();
    expect(shop.run(120, { placed: 5, decided: 0 })).toBe(120);
  });

  it('stays open where some orders wait for their deadline, and the others do not', () => {
    // 20 of 100 orders a second are decided after a minute only: 1,200 of them are pending.
    let state = openIntake;
    for (let at = 1; at < 300; at++) {
      state = afterReading(state, { at, pending: 1_400, changes: at * 200 }, settings);
      expect(state.isOpen).toBe(true);
    }
  });

  it('forgets its readings when the database was away, or is another one', () => {
    const shop = new Shop();
    shop.run(120, { placed: 300, decided: 1_000 });
    shop.run(40, { placed: 300, decided: 0 });
    expect(shop.state.isOpen).toBe(false);
    const older = afterReading(shop.state, { at: 161, pending: 10, changes: 5 }, settings);
    expect(older).toMatchObject({ isOpen: true, readings: [{ at: 161 }] });
    shop.away(30);
    shop.run(1, { placed: 0, decided: 0 });
    expect(shop.state.readings).toHaveLength(1);
  });

  it('is read twenty times in a deadline, and each second at least', () => {
    expect([10, 60, 600, 0].map(readingEveryMs)).toEqual([500, 1_000, 1_000, 100]);
  });
});

describe('the time until it opens again', () => {
  it.each([
    [0, 1],
    [20, 5],
    [45.5, 31],
    [Infinity, 60],
  ])('at a wait of %d s is %d s', (waitSeconds, seconds) => {
    expect(secondsUntilOpen({ ...openIntake, waitSeconds }, settings)).toBe(seconds);
  });
});
