import type { Delivery } from '@orderflow/kafka';
import { createHash } from 'node:crypto';
import { reasonOf } from '../base/failures.js';
import type { Log } from '../base/log.js';

// Of the same deliveries, one attempt after the other: an outage takes longer, and is over before the tries alone are.
const TOGETHER = 5;
const ALONE = 3;
const MOST_COUNTED = 1_000;

/** A delivery, and its row in `parked` when this is a retry. */
export interface Tried {
  readonly delivery: Delivery;
  readonly parkedId: string | undefined;
}

/** How deliveries are tried, and parked. All of it is of one consumer group. */
export interface Attempts<Outcome> {
  /** Handles one delivery. @param isAlone in a transaction of its own. @throws an error that looks transient */
  handle(tried: Tried, isAlone: boolean): Promise<Outcome>;
  /** Parks a delivery, in a transaction of its own. */
  park(tried: Tried, reason: string): Promise<Outcome>;
  /** Rejects while the database does not answer. */
  probe(): Promise<unknown>;
}

/**
 * Finds the delivery for which a whole fetch fails again and again, although the failure looks transient (a statement that
 * takes too long): after five attempts a fetch is handled in halves, and a delivery that fails alone three times, while the
 * database answers in between, is parked. Without the database nothing is parked. A record is parked without its bytes only where
 * it cannot be parked with them three times.
 */
export class Suspects<Outcome> {
  private readonly failures = new Map<string, number>();

  constructor(
    private readonly attempts: Attempts<Outcome>,
    private readonly log: Pick<Log, 'warn'>,
  ) {}

  /** @returns the outcomes in order. @throws the failure when all must be delivered again */
  async deliver(all: readonly Tried[]): Promise<readonly Outcome[]> {
    const key = keyOf(all[0]!);
    const failures = this.failures.get(key) ?? 0;
    try {
      // guard: a fetch that fails again and again is handled in halves
      const outcomes = failures < TOGETHER ? await this.together(all) : await this.inHalves(all);
      this.failures.delete(key);
      return outcomes;
    } catch (error) {
      // Partitions that another instance was given leave their count behind.
      if (this.failures.size >= MOST_COUNTED) this.failures.clear();
      this.failures.set(key, failures + 1);
      throw error;
    }
  }

  private async together(all: readonly Tried[]): Promise<Outcome[]> {
    const results = await Promise.allSettled(all.map((tried) => this.attempts.handle(tried, false)));
    return results.map((result) => {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    });
  }

  /** In order: the second half may hold later events of an order of the first. */
  private async inHalves(all: readonly Tried[]): Promise<Outcome[]> {
    if (all.length === 1) return [await this.alone(all[0]!)];
    const middle = all.length >> 1;
    const outcomes: Outcome[] = [];
    for (const half of [all.slice(0, middle), all.slice(middle)])
      // The failure does not name its delivery: smaller parts find it.
      outcomes.push(...(await this.together(half).catch(() => this.inHalves(half))));
    return outcomes;
  }

  private async alone(tried: Tried): Promise<Outcome> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.attempts.handle(tried, true);
      } catch (error) {
        // guard: an outage is not blamed on the delivery
        await this.attempts.probe();
        if (attempt === ALONE) return this.park(tried, error);
      }
    }
  }

  private async park(tried: Tried, error: unknown): Promise<Outcome> {
    const reason = `failed ${TOGETHER + ALONE} times, while the database answered: ${reasonOf(error)}`;
    this.log.warn({ place: keyOf(tried), reason }, 'a delivery fails alone and is parked');
    for (let attempt = 1; ; attempt++) {
      try {
        // Perhaps it is for its bytes that the database does not take it.
        return await this.attempts.park(attempt > ALONE ? withoutBytes(tried) : tried, reason);
      } catch (failure) {
        // During an outage nothing is parked: it would be without its bytes in the end.
        await this.attempts.probe();
        if (attempt > ALONE) throw failure;
      }
    }
  }
}

const keyOf = ({ delivery: { record }, parkedId }: Tried): string =>
  parkedId ?? `${record.topic}/${record.partition}/${record.offset}`;

function withoutBytes({ delivery, ...tried }: Tried): Tried {
  const { value, ...record } = delivery.record;
  const bytes = value ?? Buffer.alloc(0);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const tooLarge = {
    why: 'too_large',
    detail: `a record of ${bytes.length} bytes`,
    bytes: bytes.length,
    sha256,
  } as const;
  return { ...tried, delivery: { ...delivery, record: { omitted: tooLarge, ...record, value: null } } };
}
