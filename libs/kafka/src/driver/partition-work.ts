import type { RawRecord, Subscription } from '../broker.js';
import { lineOf } from '../errors.js';
import { partitionName } from '../partition-name.js';
import { HEARTBEAT_INTERVAL_MS, type Log } from './settings.js';
import { aborted, pause } from './waiting.js';

/** The records of one fetch of one partition. */
export interface Work {
  /** Never empty. */
  readonly records: readonly RawRecord[];
  /** Resolves when the consumer knows where its partitions begin: the records may be from elsewhere. Never rejects. */
  readonly begun?: Promise<void>;
  /** Whether the partition still belongs to this member, in the generation of the fetch. */
  readonly ours: () => boolean;
  /** Rejects when the group has removed this member, or the broker does not answer. */
  readonly heartbeat: () => Promise<void>;
}

/** Work under way: `over` ends it after the running attempt, `givenUp` ends it without waiting for that attempt. */
interface UnderWay {
  readonly over: AbortController;
  readonly givenUp: AbortController;
}

/** Hands records to `onBatch` until they are handled, with a retry after each rejection and with heartbeats all the while. */
export class PartitionWork {
  readonly #underWay = new Set<UnderWay>();
  // An abandoned attempt may still run when its records come again: the next attempt waits for it.
  readonly #attempts = new Map<string, Promise<unknown>>();
  #stopping = false;

  constructor(
    private readonly onBatch: Subscription['onBatch'],
    private readonly log: Log,
  ) {}

  /** @returns whether the records are durably handled; false early when a heartbeat fails. Never rejects. */
  async handle(work: Work): Promise<boolean> {
    const underWay = { over: new AbortController(), givenUp: new AbortController() };
    if (this.#stopping) underWay.over.abort();
    this.#underWay.add(underWay);
    const timer = setInterval(() => void this.#beat(work, underWay), HEARTBEAT_INTERVAL_MS);
    try {
      const givenUp = aborted(underWay.givenUp.signal).then(() => false);
      return await Promise.race([this.#untilHandled(work, underWay.over.signal), givenUp]);
    } finally {
      clearInterval(timer);
      this.#underWay.delete(underWay);
    }
  }

  /** Starts no further attempts; the running ones may end. */
  stop(): void {
    this.#stopping = true;
    for (const { over } of this.#underWay) over.abort();
  }

  /** Waits no longer: the work under way counts as not handled. */
  abandon(): void {
    this.stop();
    this.#underWay.forEach(giveUp);
  }

  async #beat(work: Work, underWay: UnderWay): Promise<void> {
    try {
      // guard: heartbeats go on during long work
      await work.heartbeat();
    } catch (error) {
      this.log('info', `kafka: heartbeat failed, the batch under way is abandoned: ${lineOf(error)}`);
      giveUp(underWay);
    }
  }

  async #untilHandled(work: Work, over: AbortSignal): Promise<boolean> {
    const goOn = () => !over.aborted && work.ours();
    for (let attempt = 0; ; attempt++) {
      // guard: an abandoned attempt ends before the next begins
      await this.#turn(work, over);
      await Promise.race([work.begun, aborted(over)]);
      if (!goOn()) return false;
      const error = await this.#attempt(work);
      // guard: a batch that failed is handled again
      if (error === undefined) return true;
      if (!goOn()) return false;
      this.log('warn', `kafka: ${where(work)} failed, trying again: ${lineOf(error)}`);
      // An abort rejects the pause; the next turn of the loop ends then.
      await pause(attempt, over).catch(() => undefined);
    }
  }

  async #turn(work: Work, over: AbortSignal): Promise<void> {
    for (let before = this.#attempts.get(keyOf(work)); before !== undefined; before = this.#attempts.get(keyOf(work))) {
      await Promise.race([before, aborted(over)]);
      if (over.aborted) return;
    }
  }

  /** @returns the error, undefined when all records are handled */
  async #attempt(work: Work): Promise<unknown> {
    const attempt = tried(() => this.onBatch(work.records));
    this.#attempts.set(keyOf(work), attempt);
    try {
      return await attempt;
    } finally {
      this.#attempts.delete(keyOf(work));
    }
  }
}

function giveUp({ over, givenUp }: UnderWay): void {
  over.abort();
  givenUp.abort();
}

async function tried(act: () => Promise<void>): Promise<unknown> {
  try {
    await act();
    return undefined;
  } catch (error) {
    return error ?? new Error('rejected without a reason');
  }
}

const first = (work: Work): RawRecord => work.records[0] as RawRecord;

const keyOf = (work: Work): string => partitionName(first(work));

const where = (work: Work): string => `${keyOf(work)} from ${first(work).offset} (${work.records.length} records)`;
