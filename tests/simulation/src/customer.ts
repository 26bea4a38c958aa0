import { BrokenRule } from '@orderflow/decider';
import type { OrderPlan } from './plan.js';
import type { Running } from './running.js';
import type { Action } from './scheduler.js';
import { PRICE, SKU, type World } from './world.js';

type Progress = 'to be asked' | 'command' | 'answered';

/** Places an order and, if so planned, cancels it; asks again with the same key until there is an answer. */
export class Customer {
  readonly orderId: string;
  placed: Progress = 'to be asked';
  /** Whether a cancellation was accepted. */
  isCancelled = false;
  private cancelled: Progress = 'to be asked';
  private asked: Running | undefined;
  private placedAt = 0;
  private since = 0;

  constructor(
    private readonly plan: OrderPlan,
    number: number,
    private readonly world: World,
    private readonly members: () => readonly Running[],
  ) {
    this.orderId = `00000000-0000-4000-8000-0000000000${String(number).padStart(2, '0')}`;
  }

  get totalMinor(): number {
    return this.plan.quantity * PRICE;
  }

  addActions(actions: Action[]): void {
    // Nobody answers any more: the connection is closed.
    if (this.placed === 'command' && !this.asked?.process.alive) this.placed = 'to be asked';
    if (this.cancelled === 'command' && !this.asked?.process.alive) this.cancelled = 'to be asked';
    if (this.placed === 'to be asked') this.add(actions, 'is placed', (member) => void this.place(member));
    else if (this.isTimeToCancel) this.add(actions, 'is cancelled', (member) => void this.cancel(member));
  }

  private add(actions: Action[], label: string, ask: (member: Running) => void): void {
    const members = this.members();
    const member = members[Number(this.orderId.slice(-2)) % members.length];
    if (!member) return;
    const run = () => ask(member);
    actions.push({ process: undefined, label: `${this.orderId.slice(-2)} ${label}`, since: this.since, run });
  }

  private get isTimeToCancel(): boolean {
    if (this.placed !== 'answered' || this.cancelled !== 'to be asked') return false;
    const { cancelledAfter = Infinity } = this.plan;
    return this.world.scheduler.step >= this.placedAt + cancelledAfter;
  }

  /** The same request again, as a browser may send it. */
  async placeAgain(member: Running): Promise<void> {
    // An answer that is lost or refuses says nothing for sure: what became of the order is read from the books.
    await member.commands!.execute(this.request()).catch(() => undefined);
    this.world.rules.rare.add('a request answered from what was there');
  }

  private async place(member: Running): Promise<void> {
    this.placed = 'command';
    this.asked = member;
    try {
      await member.commands!.execute(this.request());
      this.placed = 'answered';
      this.placedAt = this.world.scheduler.step;
    } catch {
      // Nobody knows whether it was placed.
      this.placed = 'to be asked';
    }
    this.since = this.world.scheduler.step;
  }

  private async cancel(member: Running): Promise<void> {
    this.cancelled = 'command';
    this.asked = member;
    try {
      await member.commands!.execute({ type: 'RequestCancel', orderId: this.orderId });
      this.cancelled = 'answered';
      this.isCancelled = true;
    } catch (error) {
      this.cancelled = error instanceof BrokenRule ? 'answered' : 'to be asked';
      if (error instanceof BrokenRule) this.world.rules.rare.add('a customer cancelled too late');
    }
    this.since = this.world.scheduler.step;
  }

  private request() {
    const { quantity, isDeclined } = this.plan;
    return {
      type: 'PlaceOrder' as const,
      orderId: this.orderId,
      customerId: 'ada',
      email: 'ada@example.com',
      currency: 'EUR',
      lines: [{ sku: SKU, quantity }],
      paymentToken: isDeclined ? 'tok_declined' : 'tok_visa',
    };
  }
}
