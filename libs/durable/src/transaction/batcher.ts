import { backoffMs, type Clock, pause } from '../base/clock.js';
import { isConflict, isRefusedByDatabase, reasonOf, TransientError } from '../base/failures.js';

const MAX_BATCH = 500;
const MAX_CONFLICTS = 8;

export interface BatchHandler<In, Out> {
  /** Handles the whole batch or, if it throws, nothing of it. @returns one outcome for each item, in order */
  handle(batch: readonly In[]): Promise<readonly Out[]>;
  /** @returns the outcome of an item that the database refuses when it is alone */
  refused(item: In, error: unknown): Promise<Out>;
}

interface Entry<In, Out> {
  readonly item: In;
  readonly isAlone: boolean;
  resolve(outcome: Out): void;
  reject(error: unknown): void;
}

/**
 * One transaction in flight; items that arrive meanwhile form the next batch. It never lingers: the latency is one
 * transaction when idle, and batches grow by themselves under load.
 */
export class Batcher<In, Out> {
  private queue: Entry<In, Out>[] = [];
  private running: Promise<void> | undefined;

  constructor(
    private readonly handler: BatchHandler<In, Out>,
    private readonly clock: Clock,
  ) {}

  /**
   * @param isAlone whether the item gets a batch of its own
   * @returns the outcome once it is committed. @throws TransientError when it was not, or the outcome is unknown
   */
  submit(item: In, isAlone = false): Promise<Out> {
    return new Promise((resolve, reject) => {
      this.queue.push({ item, isAlone, resolve, reject });
      // In the next turn: all requests and partitions that are ready in this one share the transaction.
      this.running ??= this.clock.turn().then(() => this.drain());
    });
  }

  /** Resolves when nothing is queued or in flight. */
  async idle(): Promise<void> {
    while (this.running) await this.running;
  }

  private async drain(): Promise<void> {
    while (this.queue.length > 0) {
      const batch = this.queue.splice(0, this.nextSize());
      const failure = await this.settle(batch);
      // The queue may hold later events of the same orders: they must not be handled before the failed batch is redelivered.
      // guard: nothing behind a failed batch is handled before it
      if (failure && !batch[0]!.isAlone) rejectAll(this.queue.splice(0), failure);
    }
    this.running = undefined;
  }

  private nextSize(): number {
    const alone = this.queue.findIndex(({ isAlone }) => isAlone);
    if (alone === 0) return 1;
    return Math.min(MAX_BATCH, alone === -1 ? this.queue.length : alone);
  }

  /** Settles every entry. @returns the transient failure with which entries of the batch were rejected, if any */
  private async settle(batch: readonly Entry<In, Out>[]): Promise<TransientError | undefined> {
    try {
      const outcomes = await this.withoutConflicts(batch.map(({ item }) => item));
      batch.forEach((entry, i) => entry.resolve(outcomes[i]!));
      return undefined;
    } catch (error) {
      if (!isRefusedByDatabase(error)) return rejectAll(batch, asTransientError(error));
      // guard: a batch that the database refuses is tried in halves
      return batch.length > 1 ? this.inHalves(batch) : this.settleRefused(batch[0]!, error);
    }
  }

  private async inHalves(batch: readonly Entry<In, Out>[]): Promise<TransientError | undefined> {
    const middle = batch.length >> 1;
    const failure = await this.settle(batch.slice(0, middle));
    // guard: the second half of a batch waits when the first fails for a passing reason
    // Stryker disable next-line MethodExpression: a promise that is settled stays as it is
    if (failure) return rejectAll(batch.slice(middle), failure);
    return this.settle(batch.slice(middle));
  }

  private async settleRefused(entry: Entry<In, Out>, error: unknown): Promise<TransientError | undefined> {
    try {
      entry.resolve(await this.handler.refused(entry.item, error));
      return undefined;
    } catch (failure) {
      return rejectAll([entry], asTransientError(failure));
    }
  }

  private async withoutConflicts(items: readonly In[]): Promise<readonly Out[]> {
    for (let conflicts = 1; ; conflicts++) {
      try {
        return await this.handler.handle(items);
      } catch (error) {
        // guard: a conflict runs the whole batch again
        if (!isConflict(error) || conflicts === MAX_CONFLICTS) throw error;
        await pause(this.clock, backoffMs(this.clock, conflicts, 2, 100));
      }
    }
  }
}

const asTransientError = (error: unknown): TransientError =>
  error instanceof TransientError ? error : new TransientError(reasonOf(error), { cause: error });

function rejectAll(entries: readonly Pick<Entry<unknown, unknown>, 'reject'>[], failure: TransientError) {
  for (const entry of entries) entry.reject(failure);
  return failure;
}
