/** A process that can be killed or stopped at any moment. */
export class Process {
  alive = true;
  /** Stands still until this step. */
  pausedUntil = 0;
  diedAt = 0;

  constructor(readonly name: string) {}
}

/** Thrown by an effect that cannot take place before something else is over: it is tried again then. */
export class Waits extends Error {
  constructor(readonly isOver: () => boolean) {
    super('waits');
  }
}

/** One thing that could happen next. */
export interface Action {
  readonly process: Process | undefined;
  readonly label: string;
  /** The step since when it could: who waits longest comes first where nobody chooses otherwise. */
  readonly since: number;
  run(): void;
}

/** What becomes of an operation: it is answered, its answer gets lost, or it never arrives. */
export type Fate = 'answered' | 'lost' | 'refused';

/** Something remote that a process has asked for and waits for: a statement, a send, a call outside. */
export class Operation<T = unknown> implements Action {
  waits: Waits | undefined;

  constructor(
    readonly process: Process,
    readonly label: string,
    readonly since: number,
    private readonly effect: () => T,
    private readonly resolve: (value: T) => void,
    private readonly reject: (error: unknown) => void,
    private readonly over: (operation: Operation) => void,
  ) {}

  run(fate: Fate = 'answered'): void {
    if (fate === 'refused') return this.end(() => this.reject(connectionLost()));
    let value: T;
    try {
      value = this.effect();
    } catch (error) {
      if (error instanceof Waits) this.waits = error;
      else this.end(() => this.reject(fate === 'lost' ? connectionLost() : error));
      return;
    }
    this.end(() => (fate === 'lost' ? this.reject(connectionLost()) : this.resolve(value)));
  }

  private end(tell: () => void): void {
    this.over(this as Operation);
    // A process that is gone hears nothing.
    if (this.process.alive) tell();
  }
}

const connectionLost = () => Object.assign(new Error('connection lost'), { transient: true });

/**
 * Nothing happens by itself: whatever a process waits for stands here until it is chosen. So every interleaving of
 * processes and of what they wait for can be had, and had again.
 */
export class Scheduler {
  step = 0;
  readonly operations = new Set<Operation>();

  /** What `effect` gives, when its turn comes. A process that is gone never hears of it. */
  ask<T>(process: Process, label: string, effect: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!process.alive) return;
      const over = (operation: Operation) => void this.operations.delete(operation);
      this.operations.add(
        new Operation(process, label, this.step, effect, resolve, reject, over) as unknown as Operation,
      );
    });
  }

  isRunning = (process: Process): boolean => process.alive && process.pausedUntil <= this.step;

  /** The operations that could be answered now. */
  ready(): Operation[] {
    const ready: Operation[] = [];
    for (const operation of this.operations)
      if (this.isRunning(operation.process) && (operation.waits?.isOver() ?? true)) ready.push(operation);
    return ready;
  }

  /** Nobody waits any more for what this process has asked for. */
  forget(process: Process): void {
    for (const operation of this.operations) if (operation.process === process) this.operations.delete(operation);
  }
}

/** Numbers that look like chance and are the same for the same seed (xorshift32). */
export function chance(seed: number): (below: number) => number {
  let state = (Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995) | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Resolves when all code that can run has run, up to what it asks for next. */
export const settled = (): Promise<void> =>
  new Promise((resolve) => {
    process.nextTick(resolve);
  });
