import type { RawRecord, Subscription } from '../broker.js';
import { lineOf } from '../errors.js';
import { pause } from './backoff.js';
import { HEARTBEAT_INTERVAL_MS, type Log } from './settings.js';
import { aborted } from './waiting.js';

/** What is handed over of one partition, and under which circumstances. */
export interface Work {
  readonly records: readonly RawRecord[];
  /** Whether the partition was not given to another member since the fetch. */
  readonly ours: () => boolean;
  /** Rejects when the group goes on without this member, or cannot be told. */
  readonly heartbeat: () => Promise<void>;
}

/**
 * Hands records to `onBatch` until they are handled: again and again after a rejection, with heartbeats all the while.
 * It ends early, with nothing resolved, when a heartbeat fails or `stopping` aborts and the attempt that runs is over.
 */
export class PartitionWork {
  // An attempt that was given up may still run when its records come again: the next one waits for it.
  readonly #attempts = new Map<string, Promise<unknown>>();

  constructor(
    private readonly onBatch: Subscription['onBatch'],
    private readonly stopping: AbortSignal,
    private readonly log: Log,
  ) {}

  /** @returns whether the records are durably handled. Never rejects. */
  async handle(work: Work): Promise<boolean> {
    const lost = new AbortController();
    const heartbeat = () => {
      work.heartbeat().catch((error: unknown) => {
        this.log('info', `kafka: heartbeat failed, what is under way is left to the group: ${lineOf(error)}`);
        lost.abort();
      });
    };
    const timer = setInterval(heartbeat, HEARTBEAT_INTERVAL_MS);
    try {
      return await Promise.race([this.#untilHandled(work, lost.signal), aborted(lost.signal).then(() => false)]);
    } finally {
      clearInterval(timer);
    }
  }

  async #untilHandled(work: Work, lost: AbortSignal): Promise<boolean> {
    const over = AbortSignal.any([lost, this.stopping]);
    const goOn = () => !over.aborted && work.ours();
    for (let attempt = 0; goOn(); attempt++) {
      const error = await this.#attempt(work, goOn);
      if (error === undefined) return true;
      if (!goOn()) break;
      this.log('warn', `kafka: ${where(work)} is tried again: ${lineOf(error)}`);
      // Aborted: the loop's condition says so.
      await pause(attempt, over).catch(() => undefined);
    }
    return false;
  }

  /** @returns why it failed, undefined when all is handled */
  async #attempt(work: Work, goOn: () => boolean): Promise<unknown> {
    const { topic, partition } = first(work);
    const key = `${topic}/${partition}`;
    const before = this.#attempts.get(key) ?? Promise.resolve();
    const attempt = before.then(async (): Promise<unknown> => {
      if (!goOn()) return new Error('the partition is not ours any more');
      try {
        await this.onBatch(work.records, goOn);
        return undefined;
      } catch (error) {
        return error ?? new Error('rejected without a reason');
      }
    });
    this.#attempts.set(key, attempt);
    try {
      return await attempt;
    } finally {
      if (this.#attempts.get(key) === attempt) this.#attempts.delete(key);
    }
  }
}

const first = (work: Work): RawRecord => work.records[0] as RawRecord;

const where = (work: Work): string => {
  const { topic, partition, offset } = first(work);
  return `${topic}/${partition} from ${offset} (${work.records.length} records)`;
};
