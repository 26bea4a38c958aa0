import { withSpan } from '@orderflow/telemetry';
import { type Clock, systemClock } from '../base/clock.js';
import type { Passed } from './deadlines.js';
import { Loop } from '../base/loop.js';
import type { Incoming, Outcome } from '../definition/service.js';
import type { Sql } from '../store/sql.js';
import type { Store } from '../store/store.js';

const POLL_MS = 250;
const AT_ONCE = 500;

/** Turns deadlines that have passed into commands. Two members may do so at once: the second one finds nothing to decide. */
export class DeadlineWorker<Command, Tx = Sql> {
  private readonly loop: Loop;

  constructor(
    private readonly onDeadline: (subject: string) => Command,
    private readonly submit: (incoming: Incoming<Command>) => Promise<Outcome<unknown>>,
    private readonly store: Pick<Store<Tx>, 'database' | 'deadlines'>,
    onError: (reason: string) => void,
    private readonly clock: Clock = systemClock,
  ) {
    this.loop = new Loop(() => this.step(), POLL_MS, onError);
  }

  start(): void {
    this.loop.start();
  }

  async stop(): Promise<void> {
    await this.loop.stop();
  }

  /** Tells of those that have passed. @returns true when there may be more */
  async step(): Promise<boolean> {
    const { database, deadlines } = this.store;
    const passed = await deadlines.passed(database, AT_ONCE);
    if (passed.length === 0) return false;
    const told = await Promise.allSettled(passed.map((deadline) => this.tell(deadline)));
    // One that fails is told again; it must not keep the others from being forgotten.
    await deadlines.forget(
      database,
      passed.filter((_, i) => told[i]!.status === 'fulfilled'),
    );
    for (const result of told) if (result.status === 'rejected') throw result.reason;
    return passed.length === AT_ONCE;
  }

  private async tell({ subject, context }: Passed): Promise<void> {
    const attributes = { 'orderflow.order.id': subject };
    await withSpan('deadline', { traceparent: context.traceparent, attributes }, async (span) => {
      const outcome = await this.submit({
        kind: 'command',
        command: this.onDeadline(subject),
        context: { ...context, traceparent: span.traceparent, at: new Date(this.clock.now()) },
      });
      if (outcome.kind === 'refused') throw outcome.error;
      if (outcome.kind === 'done' && outcome.ending) span.set({ 'orderflow.outcome': outcome.ending });
    });
  }
}
