import type { ServiceTypes } from '@orderflow/decider';
import { withSpan } from '@orderflow/telemetry';
import { Loop } from '../base/loop.js';
import type { Dependencies } from '../definition/dependencies.js';
import type { ServiceDefinition } from '../definition/service-definition.js';
import type { Sql } from '../store/sql.js';
import type { Commands } from '../transaction/commands.js';
import type { PassedDeadline } from './deadlines.js';

const POLL_MS = 250;
const AT_ONCE = 500;

/** A consumer group, as far as a deadline waits for it. */
export interface CatchesUp {
  /** Whether the group has consumed everything that was stored on its topics when this instance last joined it. */
  caughtUp(): Promise<boolean>;
}

/** Turns passed deadlines into commands. Two instances may do so at once: the second one finds nothing to decide. */
export class DeadlineWorker<T extends ServiceTypes, Tx = Sql> extends Loop {
  /** The last one of the step before, where that may have left others behind it. */
  private after: PassedDeadline | undefined;

  constructor(
    private readonly definition: Required<Pick<ServiceDefinition<T, Tx>, 'onDeadline'>>,
    private readonly commands: Pick<Commands<T, Tx>, 'submit'>,
    private readonly group: CatchesUp,
    private readonly dependencies: Pick<Dependencies<Tx>, 'store' | 'clock' | 'log'>,
  ) {
    super('deadlines', POLL_MS, dependencies);
  }

  /** Decides passed deadlines. @returns true when there may be more */
  override async step(): Promise<boolean> {
    const { database, deadlines } = this.dependencies.store;
    const passed = await deadlines.passed(database, AT_ONCE, this.after);
    if (passed.length === 0) {
      this.after = undefined;
      return false;
    }
    // The answer to an order may be among the events that arrived while the service was away, or that its restored database
    // has not consumed yet. What stood there at the join is a fixed amount, so the wait ends by progress; without progress
    // no decision is safe, and the alert on pending orders fires.
    // guard: a deadline waits for the events that had arrived
    if (!(await this.group.caughtUp())) return false;
    // Those that fail stay in the table, and are decided again once all others have been.
    // guard: deadlines that fail do not keep those behind them
    this.after = passed.length === AT_ONCE ? passed.at(-1) : undefined;
    // guard: a deadline that fails does not keep the others
    const decided = await Promise.allSettled(passed.map((deadline) => this.decide(deadline)));
    // A failed one is decided again; the others are removed all the same.
    await deadlines.remove(
      database,
      passed.filter((_, i) => decided[i]!.status === 'fulfilled'),
    );
    for (const result of decided) if (result.status === 'rejected') throw result.reason;
    return passed.length === AT_ONCE;
  }

  private async decide({ subject, context }: PassedDeadline): Promise<void> {
    const { traceparent, tracestate } = context;
    const attributes = { 'orderflow.order.id': subject };
    await withSpan('deadline', { traceparent, tracestate, attributes }, async (span) => {
      const outcome = await this.commands.submit({
        kind: 'command',
        command: this.definition.onDeadline(subject),
        context: { ...context, traceparent: span.traceparent, at: new Date(this.dependencies.clock.now()) },
      });
      if (outcome.kind === 'refused') throw outcome.error;
      if (outcome.kind === 'done' && outcome.ending) span.set({ 'orderflow.outcome': outcome.ending });
    });
  }
}
