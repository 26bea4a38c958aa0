import { backoffMs, type Clock } from './clock.js';
import { reasonOf } from './failures.js';
import type { Log } from './log.js';

/**
 * A worker that repeats its step: at once when poked or while there is more to do, else after `pollMs`. A failure is logged
 * and retried with backoff, so that a worker survives an outage.
 */
export abstract class Loop {
  private stopping = false;
  private poked = false;
  private wake: (() => void) | undefined;
  private running: Promise<void> | undefined;

  /** @param name of the worker, in its log lines */
  constructor(
    private readonly name: string,
    private readonly pollMs: number,
    private readonly runsOn: { readonly clock: Clock; readonly log: Pick<Log, 'warn'> },
  ) {}

  /** @returns true when there is more to do at once */
  abstract step(): Promise<boolean>;

  start(): void {
    this.running ??= this.run();
  }

  /** There is something to do now. */
  poke(): void {
    this.poked = true;
    this.wake?.();
  }

  /** Resolves when the current step is done. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.wake?.();
    await this.running;
  }

  private async run(): Promise<void> {
    const { clock, log } = this.runsOn;
    let failures = 0;
    while (!this.stopping) {
      this.poked = false;
      try {
        const more = await this.step();
        failures = 0;
        if (!more) await this.pause(this.pollMs, true);
      } catch (error) {
        log.warn({ worker: this.name, reason: reasonOf(error) }, `${this.name} failed and is retried`);
        await this.pause(backoffMs(clock, ++failures, 100, 2_000), false);
      }
    }
  }

  private async pause(ms: number, endsWhenPoked: boolean): Promise<void> {
    if (this.stopping || (endsWhenPoked && this.poked)) return;
    await new Promise<void>((resolve) => {
      const cancel = this.runsOn.clock.after(ms, resolve);
      this.wake = () => {
        if (!endsWhenPoked && !this.stopping) return;
        cancel();
        resolve();
      };
    });
    this.wake = undefined;
  }
}
