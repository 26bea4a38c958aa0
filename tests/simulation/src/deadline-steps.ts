import type { Environment } from './environment.js';
import type { End } from './memory/consumer.js';
import type { Process } from './scheduler.js';
import type { Steps } from './worker.js';

/** The deadline worker of an instance of orders. Each step notes what the consumer group still had to consume. */
export class DeadlineSteps implements Steps {
  /** The ends of the partitions at the last join before the last step. */
  private ends: readonly End[] | undefined;

  constructor(
    private readonly worker: Steps,
    private readonly process: Process,
    private readonly environment: Environment,
  ) {}

  async step(): Promise<boolean> {
    const passed = this.passed();
    this.ends = this.consumer()?.ends;
    const isMore = await this.worker.step();
    const left = this.passed();
    if (!isMore && passed.some((orderId) => left.includes(orderId)))
      this.environment.rules.rare.add('a deadline waited for events that had arrived');
    return isMore;
  }

  /** Whether a capture of this order had arrived before the last join, and is not consumed. */
  isTooEarly(orderId: string): boolean {
    const { broker, rules, services } = this.environment;
    // The worker has not yet asked whether the group has caught up since its last join.
    if (this.consumer()?.ends !== this.ends) return false;
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
