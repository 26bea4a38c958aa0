import type { Clock } from '@orderflow/durable';
import type { Process, Scheduler } from '../scheduler.js';

interface Timer {
  readonly process: Process;
  readonly at: number;
  readonly act: () => void;
}

/** A clock that advances only when the run says so. The servers share it; the clocks of processes may differ from it. */
export class VirtualClock {
  now = Date.parse('2026-11-21T12:00:00Z');
  private readonly timers = new Set<Timer>();

  constructor(private readonly scheduler: Scheduler) {}

  /** The clock of one process. @param skewMs how far it is ahead */
  of(process: Process, skewMs = 0): Clock {
    return {
      now: () => this.now + skewMs,
      elapsed: () => this.now,
      random: () => 0.5,
      turn: () => this.scheduler.request(process, 'next turn', () => undefined),
      after: (ms, act) => {
        const timer = { process, at: this.now + ms, act };
        this.timers.add(timer);
        return () => void this.timers.delete(timer);
      },
    };
  }

  /** When the timers of live processes go off. */
  dueTimes(): number[] {
    return [...this.timers].flatMap(({ process, at }) => (process.alive ? [at] : []));
  }

  /** Timers go off in the order of their time. */
  advanceTo(instant: number): void {
    this.now = Math.max(this.now, instant);
    const due = [...this.timers].filter(({ at }) => at <= this.now).sort((a, b) => a.at - b.at);
    for (const timer of due) {
      this.timers.delete(timer);
      // The timer of a paused process goes off when the process resumes.
      void this.scheduler.request(timer.process, 'timer', () => undefined).then(timer.act);
    }
  }
}
