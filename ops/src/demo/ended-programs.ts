import type { ProgramName } from '@orderflow/client';
import { reasonOf } from '@orderflow/local';

interface Restart {
  /** Starts a program again, and resolves once it is ready. */
  start(program: ProgramName): Promise<unknown>;
  /** Called when none is down. */
  allRun(): void;
}

/** The programs of a system that have ended on their own, until they are started again. */
export class EndedPrograms {
  private readonly restart: Restart;
  private readonly ended = new Set<ProgramName>();
  private underWay = Promise.resolve();

  constructor(restart: Restart) {
    this.restart = restart;
  }

  note(program: ProgramName): void {
    this.ended.add(program);
  }

  /** Starts them again, one after the other, and prints how it went. Never rejects. */
  bringBack(): Promise<void> {
    // A second signal must not find programs that the first one is just starting.
    this.underWay = this.underWay.then(() => this.startEach());
    return this.underWay;
  }

  private async startEach(): Promise<void> {
    const down = [...this.ended];
    this.ended.clear();
    for (const program of down) {
      try {
        await this.restart.start(program);
        console.log(`The service ${program} is running again`);
      } catch (error) {
        this.ended.add(program);
        console.error(reasonOf(error));
      }
    }
    if (this.ended.size > 0) return;
    try {
      this.restart.allRun();
    } catch (error) {
      console.error(reasonOf(error));
    }
  }
}
