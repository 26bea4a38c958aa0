import { BrokenRule } from '@orderflow/decider';
import type { OrderPlan } from './plan.js';
import type { SimulatedInstance } from './simulated-instance.js';
import type { Action } from './scheduler.js';
import { type Environment, PRICES } from './environment.js';

type Request = 'unsent' | 'sent' | 'answered';

/** Places an order and, if so planned, cancels it. Sends each request with the same key until it is answered. */
export class Customer {
  readonly orderId: string;
  placed: Request = 'unsent';
  /** Whether a cancellation was accepted. */
  isCancelled = false;
  private cancelled: Request = 'unsent';
  private server: SimulatedInstance | undefined;
  private placedAt = 0;
  private since = 0;

  constructor(
    private readonly plan: OrderPlan,
    number: number,
    private readonly environment: Environment,
    private readonly instances: () => readonly SimulatedInstance[],
  ) {
    this.orderId = `00000000-0000-4000-8000-0000000000${String(number).padStart(2, '0')}`;
  }

  get totalMinor(): number {
    return this.lines.reduce((sum, { sku, quantity }) => sum + quantity * PRICES[sku], 0);
  }

  private get lines() {
    const sku = this.plan.isFree ? ('gift' as const) : ('tea' as const);
    return this.plan.quantities.map((quantity) => ({ sku, quantity }));
  }

  addActions(actions: Action[]): void {
    // The process that was asked is dead: the connection is closed without an answer.
    if (this.placed === 'sent' && !this.server?.process.alive) this.placed = 'unsent';
    if (this.cancelled === 'sent' && !this.server?.process.alive) this.cancelled = 'unsent';
    if (this.placed === 'unsent') this.add(actions, 'place', (instance) => void this.place(instance));
    else if (this.isTimeToCancel) this.add(actions, 'cancel', (instance) => void this.cancel(instance));
  }

  private add(actions: Action[], label: string, send: (instance: SimulatedInstance) => void): void {
    const instances = this.instances();
    const instance = instances[Number(this.orderId.slice(-2)) % instances.length];
    if (!instance) return;
    const run = () => send(instance);
    actions.push({ process: undefined, label: `${label} order ${this.orderId.slice(-2)}`, since: this.since, run });
  }

  private get isTimeToCancel(): boolean {
    if (this.placed !== 'answered' || this.cancelled !== 'unsent') return false;
    const { cancelledAfter = Infinity } = this.plan;
    return this.environment.scheduler.step >= this.placedAt + cancelledAfter;
  }

  /** Sends the same request again, as a browser may do. */
  async repeatRequest(instance: SimulatedInstance): Promise<void> {
    // Neither a lost answer nor a refusal tells the outcome. The audit reads it from the tables.
    await instance.commands!.execute(this.request()).catch(() => undefined);
    this.environment.rules.rare.add('a repeated request answered');
  }

  private async place(instance: SimulatedInstance): Promise<void> {
    this.placed = 'sent';
    this.server = instance;
    try {
      await instance.commands!.execute(this.request());
      this.placed = 'answered';
      this.placedAt = this.environment.scheduler.step;
    } catch {
      // The outcome is unknown.
      this.placed = 'unsent';
    }
    this.since = this.environment.scheduler.step;
  }

  private async cancel(instance: SimulatedInstance): Promise<void> {
    this.cancelled = 'sent';
    this.server = instance;
    try {
      await instance.commands!.execute({ type: 'RequestCancel', orderId: this.orderId });
      this.cancelled = 'answered';
      this.isCancelled = true;
    } catch (error) {
      this.cancelled = error instanceof BrokenRule ? 'answered' : 'unsent';
      if (error instanceof BrokenRule) this.environment.rules.rare.add('a customer cancelled too late');
    }
    this.since = this.environment.scheduler.step;
  }

  private request() {
    const { isDeclined } = this.plan;
    return {
      type: 'PlaceOrder' as const,
      orderId: this.orderId,
      customerId: 'ada',
      email: 'ada@example.com',
      currency: 'EUR',
      lines: this.lines,
      paymentToken: isDeclined ? 'tok_declined' : 'tok_visa',
      mostTotalMinor: Number.MAX_SAFE_INTEGER,
      paymentTokenDigest: String(isDeclined),
    };
  }
}
