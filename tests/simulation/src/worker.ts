import type { Environment } from './environment.js';
import type { MemoryDatabase } from './memory/database.js';
import type { Action, Process } from './scheduler.js';

export interface Steps {
  /** @returns whether there may be more to do */
  step(): Promise<boolean>;
}

/** Repeats the step of one worker, as its loop does. */
export class Worker implements Action {
  since: number;
  private isBusy = false;
  /** The version of the database and the time when it last found nothing to do. */
  private idleVersion = -1;
  private idleAt = 0;

  /** @param isNeeded whether it has something to do: steps without work would only make runs longer */
  constructor(
    readonly label: string,
    private readonly steps: Steps,
    private readonly isNeeded: () => boolean,
    readonly process: Process,
    private readonly environment: Environment,
    private readonly database: MemoryDatabase,
  ) {
    this.since = environment.scheduler.step;
  }

  /** Whether there is work, but its last step could not do it: the next one comes after the poll interval. */
  get isWaiting(): boolean {
    return !this.isBusy && this.isNeeded();
  }

  /** False also while nothing has changed since a step found nothing to do: the next one would find nothing again. */
  get isReady(): boolean {
    const isChanged = this.idleVersion !== this.database.version || this.idleAt !== this.environment.clock.now;
    return this.isWaiting && isChanged;
  }

  run(): void {
    void this.step();
  }

  private async step(): Promise<void> {
    this.isBusy = true;
    const { version } = this.database;
    const { now } = this.environment.clock;
    // As in the loop, a failed step is repeated.
    const isMore = await this.steps.step().catch(() => true);
    if (!isMore) [this.idleVersion, this.idleAt] = [version, now];
    this.isBusy = false;
    this.since = this.environment.scheduler.step;
  }
}
