import type { Environment } from './environment.js';
import type { MemoryService } from './memory/store.js';
import type { Action, Process } from './scheduler.js';

export interface Steps {
  /** @returns whether there may be more to do */
  step(): Promise<boolean>;
}

export interface WorkerKind {
  readonly label: string;
  /** Whether it has something to do. Steps without work would only make runs longer. */
  readonly isNeeded: () => boolean;
  readonly steps: Steps;
}

/** Repeats the step of one worker, as its loop does. */
export class Worker implements Action {
  since: number;
  private isBusy = false;
  /** The version of the database and the time when it last found nothing to do. */
  private idleVersion = -1;
  private idleAt = 0;

  constructor(
    private readonly kind: WorkerKind,
    readonly process: Process,
    private readonly environment: Environment,
    private readonly rows: MemoryService,
  ) {
    this.since = environment.scheduler.step;
  }

  /** Whether there is work, but its last step could not do it: the next one comes after the poll interval. */
  get isWaiting(): boolean {
    return !this.isBusy && this.kind.isNeeded();
  }

  get label(): string {
    return this.kind.label;
  }

  /** False also while nothing has changed since a step found nothing to do: the next one would find nothing again. */
  get isReady(): boolean {
    if (this.isBusy || !this.kind.isNeeded()) return false;
    return this.idleVersion !== this.rows.server.database.version || this.idleAt !== this.environment.clock.now;
  }

  run(): void {
    void this.step();
  }

  private async step(): Promise<void> {
    this.isBusy = true;
    const { version } = this.rows.server.database;
    const { now } = this.environment.clock;
    // As in the loop, a failed step is repeated.
    const isMore = await this.kind.steps.step().catch(() => true);
    if (!isMore) [this.idleVersion, this.idleAt] = [version, now];
    this.isBusy = false;
    this.since = this.environment.scheduler.step;
  }
}

/** The workers of a service instance, as far as a run steps them. */
export interface Workers {
  readonly groups: readonly { readonly redrive: Steps }[];
  readonly relay: Steps;
  readonly calls: Steps | undefined;
  readonly deadlines: (Steps & { readonly mayWait?: boolean }) | undefined;
}

export function workersOf({ groups, relay, calls, deadlines }: Workers, rows: MemoryService, now: () => number) {
  const isParkedDue = () =>
    some(rows.parked.rows.values(), ({ nextAttemptAt, isDead }) => nextAttemptAt <= now() && !isDead);
  const areCallsDue = () => some(rows.calls.rows.rows.values(), ({ nextAttemptAt }) => nextAttemptAt <= now());
  const areDeadlinesDue = () => some(rows.deadlines.rows.rows.values(), ({ dueAt }) => dueAt <= now());
  const kinds: WorkerKind[] = [
    { label: 'relay', steps: relay, isNeeded: () => rows.outbox.hasRowsToSend },
    ...groups.map(({ redrive }) => ({ label: 'redrive', steps: redrive, isNeeded: isParkedDue })),
  ];
  if (calls) kinds.push({ label: 'calls', steps: calls, isNeeded: areCallsDue });
  if (deadlines) {
    const isNeeded = () => deadlines.mayWait === true || areDeadlinesDue();
    kinds.push({ label: 'deadlines', steps: deadlines, isNeeded });
  }
  return kinds;
}

function some<T>(values: Iterable<T>, holds: (value: T) => boolean): boolean {
  for (const value of values) if (holds(value)) return true;
  return false;
}
