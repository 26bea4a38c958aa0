import type { Environment } from './environment.js';
import type { End } from './memory/consumer.js';
import type { Process } from './scheduler.js';
import type { Steps } from './worker.js';

const MAX_WAIT_MS = 30_000;

/** The deadline worker of an instance of orders. Each step notes what the consumer group still had to consume. */
export class DeadlineSteps implements Steps {
  /** The ends of the partitions at the last join before the last step. */
  private ends: readonly End[] | undefined;
  /** Since when the worker waits. Never later than the worker itself counts. */
  private waitingSince: number | undefined;

  constructor(
    private readonly worker: Steps,
    private readonly process: Process,
    private readonly environment: Environment,
  ) {}

  async step(): Promise<boolean> {
    const { clock, rules } = this.environment;
    const consumer = this.consumer();
    const isBehind = consumer?.isCaughtUp === false;
    const startedAt = clock.now;
    const passed = this.passed();
    this.ends = consumer?.ends;
    if (isBehind && passed.length > 0) this.waitingSince ??= startedAt;
    const isMore = await this.worker.step();
    const left = this.passed();
    const waits = !isMore && passed.some((orderId) => left.includes(orderId));
    if (waits) rules.rare.add('a deadline waited for events that had arrived');
    if (waits) this.waitingSince ??= startedAt;
    else if (passed.length === 0 || !isBehind) this.waitingSince = undefined;
    return isMore;
  }

  /** Whether the worker may be waiting: a step that finds no deadline ends the wait too. */
  get mayWait(): boolean {
    return this.waitingSince !== undefined;
  }

  /** Whether a capture of this order had arrived before the last join, and the worker has not waited for it long enough. */
  isTooEarly(orderId: string): boolean {
    const { broker, clock, rules, services } = this.environment;
    const isSameJoin = this.consumer()?.ends === this.ends;
    // The worker has not yet asked whether the group has caught up since its last join.
    if (!isSameJoin || this.waitingSince === undefined || clock.now - this.waitingSince >= MAX_WAIT_MS) return false;
    // A parked capture counts as consumed.
    for (const { subject } of services.orders.parked.values()) if (subject === orderId) return false;
    return this.ends!.some(
      ([name, end]) =>
        name.startsWith('payments.events/') &&
        broker
          .log(name)
          .slice(0, end)
          .some((record) => rules.isCaptureOf(orderId, record)),
    );
  }

  private consumer() {
    return [...this.environment.broker.consumers].find(
      ({ process, subscription }) => process === this.process && subscription.groupId === 'orders',
    );
  }

  private passed(): string[] {
    const { clock, services } = this.environment;
    const rows = [...services.orders.deadlines.rows];
    return rows.flatMap(([orderId, { dueAt }]) => (dueAt <= clock.now ? [orderId] : []));
  }
}
