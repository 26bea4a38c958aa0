/** A task costs about a tenth of a millisecond: these take a tenth of the process, and 4,000 of them four seconds. */
const AT_ONCE = 10;
const EVERY_MS = 10;

/**
 * Runs tasks a few at a time, in their order, and lets requests through between them. For work that comes for hundreds of
 * connections at once.
 */
export class Pace {
  private readonly waiting: (() => void)[] = [];
  private timer: NodeJS.Timeout | undefined;

  /** @param task must not throw */
  run(task: () => void): void {
    this.waiting.push(task);
    this.timer ??= setInterval(() => this.next(), EVERY_MS).unref();
  }

  private next(): void {
    for (const task of this.waiting.splice(0, AT_ONCE)) task();
    if (this.waiting.length > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
