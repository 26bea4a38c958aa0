import { describe, expect, it } from '@jest/globals';
import { DeadCalls } from './dead-calls.js';

/** The failing calls of a service with one of this kind. */
function withCall(kind: string, request: unknown): DeadCalls {
  const query = async <Row>(sql: string) =>
    (sql.includes('FROM external_calls') ? [{ key: 'k', kind, request }] : []) as Row[];
  return new DeadCalls({
    database: { query },
    log: { info: () => undefined },
    clock: { now: () => 0 },
    commands: { submit: async () => Promise.reject(new Error('nothing is settled here')) },
    settlements: {},
    confidential: { charge: ['token'] },
  });
}

describe('a failing call', () => {
  it('is shown without the confidential fields of its request', async () => {
    const { call } = await withCall('charge', { token: 'a.b.c.d.e', amountMinor: 500 }).find('k');
    expect(call.request).toEqual({ token: '***', amountMinor: 500 });
  });

  it('of another kind is shown as it is, and so is one whose request is gone', async () => {
    expect((await withCall('refund', { token: 'x' }).find('k')).call.request).toEqual({ token: 'x' });
    expect((await withCall('charge', null).find('k')).call.request).toBeNull();
  });
});
