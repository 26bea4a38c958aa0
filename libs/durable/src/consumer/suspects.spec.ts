import { describe, expect, it } from '@jest/globals';
import type { Delivery, RawRecord } from '@orderflow/kafka';
import { aRecord, quietLog } from '../../test/counters.js';
import { TransientError } from '../base/failures.js';
import { type Attempts, Suspects, type Tried } from './suspects.js';

const deliveries = (count: number): Tried[] =>
  Array.from({ length: count }, (_, i) => {
    const delivery: Delivery = { record: aRecord({ key: Buffer.from(String(i)) }), bad: 'not_framed', detail: 'x' };
    return { delivery, parkedId: undefined };
  });
const nameOf = ({ delivery }: Tried) => delivery.record.key!.toString();

interface Faults {
  readonly poison: readonly string[];
  readonly refusesBytes?: boolean;
  /** How often the connection breaks while a record is parked. */
  readonly breaks?: number;
  /** Whether the database is away after that. */
  readonly endsAway?: boolean;
}

/** A database that times out on some deliveries, and perhaps on the bytes of a record that is parked. */
function world({ poison, refusesBytes = false, breaks = 0, endsAway = false }: Faults) {
  let left = breaks;
  const state = { isAway: false, handled: [] as string[], parked: [] as RawRecord[], attempts: 0 };
  const away = () => {
    if (state.isAway) throw new TransientError('away');
  };
  const attempts: Attempts<string> = {
    handle: async (tried) => {
      state.attempts++;
      await Promise.resolve();
      away();
      if (poison.includes(nameOf(tried))) throw new TransientError('Query read timeout');
      state.handled.push(nameOf(tried));
      return 'done';
    },
    park: async ({ delivery: { record } }, reason) => {
      // An outage may end just before: only the probe tells that there was one.
      await Promise.resolve();
      if (left-- > 0) {
        state.isAway = endsAway;
        throw new TransientError('Connection terminated unexpectedly');
      }
      if (refusesBytes && record.value !== null) throw new TransientError('Query read timeout');
      state.parked.push(record);
      return reason;
    },
    probe: async () => away(),
  };
  return { state, suspects: new Suspects(attempts, quietLog) };
}

/** As the driver does: the same deliveries, until they are handled. @returns how often they were handed over */
async function untilHandled(suspects: Suspects<string>, all: readonly Tried[], most = 20) {
  for (let times = 1; ; times++) {
    try {
      return { outcomes: await suspects.deliver(all), times };
    } catch (error) {
      if (times === most) throw error;
    }
  }
}

describe('a delivery that fails again and again, as if the database were away', () => {
  // proves: a fetch that fails again and again is handled in halves
  it('is parked with the reason after a bounded number of attempts, and the others of its fetch are handled', async () => {
    const { state, suspects } = world({ poison: ['5'] });
    const { outcomes, times } = await untilHandled(suspects, deliveries(8));
    expect(times).toBe(6);
    expect(outcomes[5]).toMatch(/^failed 8 times, while the database answered: TransientError: Query read timeout$/);
    expect(state.parked.map(({ key }) => String(key))).toEqual(['5']);
    expect(new Set(state.handled)).toEqual(new Set(['0', '1', '2', '3', '4', '6', '7']));
  });

  it('is parked without its bytes where the database does not take them', async () => {
    const { state, suspects } = world({ poison: ['0'], refusesBytes: true });
    await untilHandled(suspects, deliveries(1));
    expect(state.parked).toMatchObject([{ value: null, omitted: { why: 'too_large', bytes: 5 } }]);
  });

  it('is parked with its bytes where the connection breaks meanwhile', async () => {
    const { state, suspects } = world({ poison: ['0'], breaks: 1 });
    const [tried] = deliveries(1);
    await untilHandled(suspects, [tried!]);
    expect(state.parked).toEqual([tried!.delivery.record]);
  });

  it('is parked with what is known of the bytes that were left out before', async () => {
    const { state, suspects } = world({ poison: ['0'], breaks: 3 });
    const omitted = { why: 'unreadable_batch', detail: 'a batch of 2 records', bytes: 90, sha256: 'ab' } as const;
    const record = { ...aRecord({ key: Buffer.from('0'), value: null }), omitted };
    await untilHandled(suspects, [{ delivery: { record, bad: 'unreadable_batch', detail: 'x' }, parkedId: undefined }]);
    expect(state.parked).toEqual([record]);
  });

  it('is found beside a second one', async () => {
    const { state, suspects } = world({ poison: ['0', '7'] });
    await untilHandled(suspects, deliveries(8));
    expect(state.parked.map(({ key }) => String(key))).toEqual(['0', '7']);
  });
});

describe('an outage', () => {
  // proves: an outage is not blamed on the delivery
  it('parks nothing, however long it lasts; afterwards all are handled', async () => {
    const { state, suspects } = world({ poison: [] });
    state.isAway = true;
    await expect(untilHandled(suspects, deliveries(3), 50)).rejects.toThrow('away');
    state.isAway = false;
    await untilHandled(suspects, deliveries(3));
    expect([state.parked, state.handled]).toEqual([[], ['0', '1', '2']]);
  });

  it('that begins while a delivery is parked ends that attempt', async () => {
    const { state, suspects } = world({ poison: ['0'], breaks: 1, endsAway: true });
    await expect(untilHandled(suspects, deliveries(1))).rejects.toThrow('away');
    expect(state.parked).toEqual([]);
  });
});
