/** A process that can be killed or paused at any step. */
export class Process {
  alive = true;
  /** Takes no step before this one. */
  pausedUntil = 0;
  diedAt = 0;

  constructor(readonly name: string) {}
}

/** Thrown by an effect that has to wait. The scheduler runs it again when the wait is over. */
export class Waits extends Error {
  constructor(readonly isOver: () => boolean) {
    super('waits');
  }
}

/** A possible next step. */
export interface Action {
  readonly process: Process | undefined;
  readonly label: string;
  /** The step since which it is possible: by default the oldest action runs next. */
  readonly since: number;
  run(): void;
}

/** An operation is answered, its answer is lost after the effect, or it is refused without an effect. */
export type Fate = 'answered' | 'lost' | 'refused';

/** A remote request of a process: a statement, a send or an external call. */
export class Operation<T = unknown> implements Action {
  readonly since: number;
  /** Stays pending when the process is dead. */
  readonly answer = Promise.withResolvers<T>();
  waits: Waits | undefined;

  constructor(
    private readonly scheduler: Scheduler,
    readonly process: Process,
    readonly label: string,
    private readonly effect: () => T,
  ) {
    this.since = scheduler.step;
  }

  run(fate: Fate = 'answered'): void {
    const { resolve, reject } = this.answer;
    if (fate === 'refused') return this.end(() => reject(connectionLost()));
    try {
      const value = this.effect();
      this.end(() => (fate === 'lost' ? reject(connectionLost()) : resolve(value)));
    } catch (error) {
      if (error instanceof Waits) this.waits = error;
      else this.end(() => reject(fate === 'lost' ? connectionLost() : error));
    }
  }

  private end(settle: () => void): void {
    this.scheduler.operations.delete(this as Operation);
    if (this.process.alive) settle();
  }
}

const connectionLost = () => Object.assign(new Error('connection lost'), { transient: true });

/** Holds every operation until the run chooses it, so that each interleaving is possible and reproducible. */
export class Scheduler {
  step = 0;
  readonly operations = new Set<Operation>();

  /** @returns the result of `effect` when the run chooses it; never resolves when the process is dead */
  request<T>(process: Process, label: string, effect: () => T): Promise<T> {
    const operation = new Operation(this, process, label, effect);
    if (process.alive) this.operations.add(operation as Operation);
    return operation.answer.promise;
  }

  isRunning = (process: Process): boolean => process.alive && process.pausedUntil <= this.step;

  /** The operations that could be answered now. */
  ready(): Operation[] {
    const ready: Operation[] = [];
    for (const operation of this.operations)
      if (this.isRunning(operation.process) && (operation.waits?.isOver() ?? true)) ready.push(operation);
    return ready;
  }

  /** Drops the operations of a dead process. */
  forget(process: Process): void {
    for (const operation of this.operations) if (operation.process === process) this.operations.delete(operation);
  }
}

/** Random numbers that are the same for the same seed (xorshift32). */
export function pseudoRandom(seed: number): (below: number) => number {
  let state = (Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995) | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Resolves when every process waits for an operation. */
export const idle = (): Promise<void> =>
  new Promise((resolve) => {
    process.nextTick(resolve);
  });
