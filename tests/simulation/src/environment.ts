import type { Service } from '@orderflow/contracts';
import type { Log } from '@orderflow/durable';
import type { Undecodable } from './codecs.js';
import { MemoryBroker } from './memory/broker.js';
import { VirtualClock } from './memory/clock.js';
import { type Change, MemoryDatabase } from './memory/database.js';
import { MemoryService } from './memory/store.js';
import { Mailbox, Provider } from './external.js';
import type { Plan } from './plan.js';
import type { Rules } from './rules.js';
import { type Process, Scheduler } from './scheduler.js';
import { StockInMemory } from './services/inventory.js';
import { NoticesInMemory } from './services/notifications.js';
import { OrdersInMemory, ViewsInMemory } from './services/orders.js';
import { PaymentsInMemory } from './services/payments.js';

/** In minor units, by SKU. */
export const PRICES = { tea: 450, gift: 0 } as const;
/** Units of each product. */
export const DELIVERED = 3;

/** Outlives the processes: databases, broker, external systems, clock. */
export class Environment {
  readonly scheduler = new Scheduler();
  readonly clock = new VirtualClock(this.scheduler);
  readonly orders = new OrdersInMemory();
  readonly views = new ViewsInMemory();
  readonly stock = new StockInMemory();
  readonly payments = new PaymentsInMemory();
  readonly notices = new NoticesInMemory();
  readonly undecodable: Undecodable = new Map();
  readonly services: Readonly<Record<Service, MemoryService>>;
  readonly broker: MemoryBroker;
  readonly provider: Provider;
  readonly mailbox: Mailbox;
  /** The deadline worker of the orders instance that was started last. */
  deadlines: { isTooEarly(orderId: string): boolean } | undefined;

  constructor(
    readonly plan: Plan,
    readonly rules: Rules,
  ) {
    const now = () => this.clock.now;
    for (const [sku, priceMinor] of Object.entries(PRICES)) {
      const product = { priceMinor, currency: 'EUR', sequence: 1 };
      this.orders.prices.set(sku, product);
      this.stock.stock.set(sku, { ...product, sku, name: sku, onHand: DELIVERED, reserved: 0, committed: 0 });
    }
    const service = (checked: (changes: readonly Change[]) => void) => {
      const committed = (changes: readonly Change[]) => {
        rules.durable(changes);
        checked(changes);
      };
      return new MemoryService(new MemoryDatabase(this.scheduler, rules.rare, committed), now);
    };
    this.services = {
      orders: service((changes) =>
        rules.orderEvents(this.orders.events, changes, (orderId) => this.isTooEarly(orderId)),
      ),
      inventory: service(() => rules.stock(DELIVERED, this.stock.stock, this.stock.reservations)),
      payments: service((changes) => rules.payments(changes)),
      notifications: service(() => undefined),
    };
    this.broker = new MemoryBroker(this.scheduler, now, rules.rare, rules.appended);
    this.provider = new Provider(this.scheduler, rules);
    this.mailbox = new Mailbox(this.scheduler, now);
  }

  // With two instances, the one that decides a deadline may have caught up before the other one joined.
  private isTooEarly(orderId: string): boolean {
    return this.plan.instances === 1 && this.deadlines!.isTooEarly(orderId);
  }

  logOf(process: Process): Log {
    const { rules } = this;
    return {
      debug: () => undefined,
      info: (fields, message) => {
        const { group, topic, orderId, eventId } = fields as Record<'group' | 'topic' | 'orderId' | 'eventId', string>;
        // The read model has no inbox: it drops copies by their number, and the audit checks its state.
        if (message === 'done' && group !== 'orders.views') rules.handled(group, topic, orderId, eventId);
        if (message !== 'duplicate') return;
        rules.rare.add('a duplicate dropped');
        if (this.isZombie(process, group)) rules.rare.add('a zombie found its events handled');
      },
      warn: (fields) => {
        const { why } = fields as { why?: string };
        if (why === 'blocked') rules.rare.add('an event that waited behind a parked one');
      },
    };
  }

  private isZombie(process: Process, group: string): boolean {
    for (const consumer of this.broker.consumers)
      if (consumer.process === process && consumer.subscription.groupId === group) return consumer.isZombie;
    return false;
  }
}
