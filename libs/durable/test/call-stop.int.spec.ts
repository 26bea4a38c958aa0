import { eventually } from '@orderflow/client';
import { describe, expect, it } from '@jest/globals';
import { CallsDatabase, heldCaller } from './calls-database.js';

const calls = new CallsDatabase();

describe('a stop', () => {
  // proves: a stop finishes the calls that cannot be given up
  it('waits for the calls that are being made, and releases the others', async () => {
    const { caller, made, answer } = heldCaller();
    const { place, stop, warnings } = calls.calling(caller, { callsAtOnce: { charge: 1 } });
    await place('made', 'waiting');
    const stopped = stop();
    await eventually(async () => (await calls.leaseOf('waiting')) <= 0);
    answer();
    await stopped;
    expect([made, await calls.pendingCallsOf(calls.subject), await calls.valueOf(calls.subject)]).toEqual([
      ['made'],
      ['waiting'],
      11,
    ]);
    // A call that is cut off is said before the others are released.
    expect(warnings).toEqual([]);
  });

  it('waits no longer than it may, and the call that it cuts off is not repeated at once', async () => {
    const { caller, made } = heldCaller();
    const { place, stop } = calls.calling(caller, { callStopMs: 50 });
    await place('endless');
    await eventually(() => made.length === 1);
    await stop();
    expect(await calls.leaseOf('endless')).toBeGreaterThan(60);
  });
});
