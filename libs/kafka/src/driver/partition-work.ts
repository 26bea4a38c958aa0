import type { RawRecord, Subscription } from '../broker.js';
import { lineOf } from '../errors.js';
import { pause } from './backoff.js';
import { HEARTBEAT_INTERVAL_MS, type Log } from './settings.js';
import { aborted } from './waiting.js';

/** What is handed over of one partition, and under which circumstances. */
export interface Work {
  /** Never empty. */
  readonly records: readonly RawRecord[];
  /** Whether the partition was not given to another member since the fetch. */
  readonly ours: () => boolean;
  /** Rejects when the group goes on without this member, or cannot be told. */
  readonly heartbeat: () => Promise<void>;
}

/** Work that is under way: `over` means no further attempt, `giveUp` not even to wait for the one that runs. */
interface UnderWay {
  readonly over: AbortController;
  readonly giveUp: () => void;
}

/** Hands records to `onBatch` until they are handled: again and again after a rejection, with heartbeats all the while. */
export class PartitionWork {
  readonly #underWay = new Set<UnderWay>();
  // An attempt that was given up may still run when its records come again: the next one waits for it.
  readonly #attempts = new Map<string, Promise<unknown>>();
  #stopping = false;

  constructor(
    private readonly onBatch: Subscription['onBatch'],
    private readonly log: Log,
  ) {}

  /** @returns whether the records are durably handled; false early when a heartbeat fails. Never rejects. */
  async handle(work: Work): Promise<boolean> {
    const over = new AbortController();
    if (this.#stopping) over.abort();
    let giveUp: () => void = () => undefined;
    const givenUp = new Promise<false>((resolve) => {
      giveUp = () => {
        over.abort();
        resolve(false);
      };
    });
    const entry = { over, giveUp };
    this.#underWay.add(entry);
    const timer = setInterval(() => void this.#beat(work, giveUp), HEARTBEAT_INTERVAL_MS);
    try {
      return await Promise.race([this.#untilHandled(work, over.signal), givenUp]);
    } finally {
      clearInterval(timer);
      this.#underWay.delete(entry);
    }
  }

  /** No further attempts; those that run may end. */
  stop(): void {
    this.#stopping = true;
    for (const { over } of this.#underWay) over.abort();
  }

  /** Waits for nothing any more: all that is under way counts as not handled. */
  abandon(): void {
    this.stop();
    for (const { giveUp } of this.#underWay) giveUp();
  }

  async #beat(work: Work, giveUp: () => void): Promise<void> {
    try {
      await work.heartbeat();
    } catch (error) {
      this.log('info', `kafka: heartbeat failed, what is under way is left to the group: ${lineOf(error)}`);
      giveUp();
    }
  }

  async #untilHandled(work: Work, over: AbortSignal): Promise<boolean> {
    const goOn = () => !over.aborted && work.ours();
    for (let attempt = 0; ; attempt++) {
      await this.#turn(work, over);
      if (!goOn()) return false;
      const error = await this.#attempt(work);
      if (error === undefined) return true;
      if (!goOn()) return false;
      this.log('warn', `kafka: ${where(work)} is tried again: ${lineOf(error)}`);
      // It rejects when it is over; the loop's next line says so.
      await pause(attempt, over).catch(() => undefined);
    }
  }

  async #turn(work: Work, over: AbortSignal): Promise<void> {
    for (let before = this.#attempts.get(keyOf(work)); before !== undefined; before = this.#attempts.get(keyOf(work))) {
      await Promise.race([before, aborted(over)]);
      if (over.aborted) return;
    }
  }

  /** @returns why it failed, undefined when all is handled */
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

async function tried(act: () => Promise<void>): Promise<unknown> {
  try {
    await act();
    return undefined;
  } catch (error) {
    return error ?? new Error('rejected without a reason');
  }
}

const first = (work: Work): RawRecord => work.records[0] as RawRecord;

const keyOf = (work: Work): string => `${first(work).topic}/${first(work).partition}`;

const where = (work: Work): string => `${keyOf(work)} from ${first(work).offset} (${work.records.length} records)`;
