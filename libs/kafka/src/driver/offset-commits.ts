import type { ConsumedOffset } from '../broker.js';
import { lineOf } from '../errors.js';
import { partitionName } from '../partition-name.js';
import { COMMIT_INTERVAL_MS, type Log } from './settings.js';

/** Commits the handled offsets once a second: a commit per fetch would cost more than the fetch. */
export class OffsetCommits {
  readonly #handled = new Map<string, ConsumedOffset>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(
    private readonly commit: (offsets: ConsumedOffset[]) => Promise<void>,
    private readonly log: Log,
  ) {}

  start(): void {
    // A consumer that is stopped while it joins starts its commits afterwards.
    if (this.#stopped) return;
    this.#timer ??= setInterval(() => void this.flush(), COMMIT_INTERVAL_MS);
  }

  /** Everything before the offset is durably handled. */
  handled(offset: ConsumedOffset): void {
    this.#handled.set(partitionName(offset), offset);
  }

  /** Forgets the partitions that the member was not assigned again: the new owner commits them. */
  keepOnly(assignment: Readonly<Record<string, readonly number[]>>): void {
    for (const [key, { topic, partition }] of this.#handled)
      // guard: a partition that was taken away is left to its new owner
      if (assignment[topic]?.includes(partition) !== true) this.#handled.delete(key);
  }

  /** Commits the offsets handled since the last commit; one commit runs at a time. Never rejects. */
  flush(): Promise<void> {
    this.#running ??= this.#flush().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Stops the timer and commits once more. Never rejects. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#running;
    await this.flush();
  }

  async #flush(): Promise<void> {
    const offsets = [...this.#handled];
    if (offsets.length === 0) return;
    try {
      await this.commit(offsets.map(([, offset]) => offset));
      for (const [key, offset] of offsets) if (this.#handled.get(key) === offset) this.#handled.delete(key);
    } catch (error) {
      // A member of an old generation must not commit, and a broker that is away cannot store it. Uncommitted records come
      // again, and the inbox drops them.
      this.log('info', `kafka: offset commit failed, trying again: ${lineOf(error)}`);
    }
  }
}
