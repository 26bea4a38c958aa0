import { setImmediate, setTimeout as pause } from 'node:timers/promises';
import { WorldIsBad, backoffMs, isConflict, isRefusedByDatabase, reasonOf } from './failures.js';

const MAX_BATCH = 500;
const MAX_CONFLICTS = 8;

interface Entry<In, Out> {
  readonly item: In;
  resolve(outcome: Out): void;
  reject(error: unknown): void;
}

/**
 * One transaction in flight; what arrives meanwhile is the next batch. It never lingers: latency is one transaction when
 * idle, and batches grow by themselves under load.
 */
export class Batcher<In, Out> {
  private queue: Entry<In, Out>[] = [];
  private running: Promise<void> | undefined;

  /**
   * @param handle handles a batch: all of it or, if it throws, nothing
   * @param refused the outcome of an item that the database refuses even when it is alone
   */
  constructor(
    private readonly handle: (batch: readonly In[]) => Promise<readonly Out[]>,
    private readonly refused: (item: In, error: unknown) => Promise<Out>,
  ) {}

  /** @returns the outcome once it is committed. @throws WorldIsBad when it could not be, or nobody knows */
  submit(item: In): Promise<Out> {
    return new Promise((resolve, reject) => {
      this.queue.push({ item, resolve, reject });
      // On setImmediate: all requests and partitions that are ready in this turn of the event loop share the transaction.
      this.running ??= setImmediate().then(() => this.drain());
    });
  }

  /** Resolves when nothing is queued or in flight. */
  async idle(): Promise<void> {
    while (this.running) await this.running;
  }

  private async drain(): Promise<void> {
    while (this.queue.length > 0) {
      const batch = this.queue.slice(0, MAX_BATCH);
      this.queue = this.queue.slice(MAX_BATCH);
      await this.settle(batch);
    }
    this.running = undefined;
  }

  /** Never throws: each entry is told its outcome or the error. */
  private async settle(batch: readonly Entry<In, Out>[]): Promise<void> {
    try {
      const outcomes = await this.withoutConflicts(batch.map(({ item }) => item));
      batch.forEach((entry, i) => entry.resolve(outcomes[i]!));
    } catch (error) {
      if (!isRefusedByDatabase(error)) for (const entry of batch) entry.reject(asWorldIsBad(error));
      else if (batch.length > 1) await this.inHalves(batch);
      else await this.settleRefused(batch[0]!, error);
    }
  }

  private async inHalves(batch: readonly Entry<In, Out>[]): Promise<void> {
    const middle = batch.length >> 1;
    await this.settle(batch.slice(0, middle));
    await this.settle(batch.slice(middle));
  }

  private async settleRefused(entry: Entry<In, Out>, error: unknown): Promise<void> {
    try {
      entry.resolve(await this.refused(entry.item, error));
    } catch (failure) {
      entry.reject(asWorldIsBad(failure));
    }
  }

  private async withoutConflicts(items: readonly In[]): Promise<readonly Out[]> {
    for (let conflicts = 1; ; conflicts++) {
      try {
        return await this.handle(items);
      } catch (error) {
        if (!isConflict(error) || conflicts === MAX_CONFLICTS) throw error;
        await pause(backoffMs(conflicts, 2, 100));
      }
    }
  }
}

const asWorldIsBad = (error: unknown): WorldIsBad =>
  error instanceof WorldIsBad ? error : new WorldIsBad(reasonOf(error), { cause: error });
