import { backoffMs, reasonOf } from './failures.js';

/**
 * Work that is done again and again: right away when poked or while there is more to do, else after `pollMs`.
 * A failure is told to `onError` and tried again with backoff: workers outlive a bad world.
 */
export class Loop {
  private stopping = false;
  private poked = false;
  private wake: (() => void) | undefined;
  private running: Promise<void> | undefined;

  /** @param work returns true when there is more to do at once */
  constructor(
    private readonly work: () => Promise<boolean>,
    private readonly pollMs: number,
    private readonly onError: (reason: string) => void,
  ) {}

  start(): void {
    this.running ??= this.run();
  }

  /** There is something to do now. */
  poke(): void {
    this.poked = true;
    this.wake?.();
  }

  /** Resolves when the piece of work at hand is done. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.wake?.();
    await this.running;
  }

  private async run(): Promise<void> {
    let failures = 0;
    while (!this.stopping) {
      this.poked = false;
      try {
        const more = await this.work();
        failures = 0;
        if (!more) await this.pause(this.pollMs, true);
      } catch (error) {
        this.onError(reasonOf(error));
        await this.pause(backoffMs(++failures, 100, 2_000), false);
      }
    }
  }

  private async pause(ms: number, endsWhenPoked: boolean): Promise<void> {
    if (this.stopping || (endsWhenPoked && this.poked)) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        if (!endsWhenPoked && !this.stopping) return;
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = undefined;
  }
}
