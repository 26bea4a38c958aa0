import { services as names } from '@orderflow/contracts';
import { Customer } from './customer.js';
import type { Plan } from './plan.js';
import type { Rules } from './rules.js';
import { Running } from './running.js';
import type { Action, Process } from './scheduler.js';
import { World } from './world.js';

// Longer than a relay holds on to its share of the shards before it looks whether others came or went.
const POLL_MS = 1_100;

/** All of it: the world, the four services with their members, and the customers. */
export class Shop extends World {
  readonly customers: readonly Customer[];
  members: Running[];

  constructor({ orders, members, hasViews }: Plan, rules: Rules) {
    super(hasViews, rules);
    this.members = names.flatMap((name) =>
      Array.from({ length: members }, (_, i) => new Running(name, `${name}-${i + 1}`, this)),
    );
    const ready = () =>
      this.members.filter(({ service, process }) => service === 'orders' && this.scheduler.isRunning(process));
    this.customers = orders.map((plan, i) => new Customer(plan, i + 1, this, ready));
  }

  /** What could happen next, in the order in which it became possible. */
  actions(): Action[] {
    const { scheduler } = this;
    const actions: Action[] = scheduler.ready();
    for (const member of this.members) {
      if (scheduler.isRunning(member.process)) member.addActions(actions);
      else if (!member.process.alive) actions.push(this.restartOf(member));
    }
    for (const consumer of this.broker.consumers)
      if (scheduler.isRunning(consumer.process)) consumer.addActions(actions);
    for (const customer of this.customers) customer.addActions(actions);
    return actions;
  }

  /** The next instant at which something becomes due. */
  nextDue(): number | undefined {
    const { scheduler } = this;
    const isWaiting = this.members.some((member) => scheduler.isRunning(member.process) && member.isWaiting);
    let next = isWaiting ? this.clock.now + POLL_MS : Infinity;
    for (const due of [this.clock, ...names.map((name) => this.services[name])])
      for (const at of due.dueTimes()) if (at > this.clock.now && at < next) next = at;
    return next === Infinity ? undefined : next;
  }

  /** All that it holds outside stays until it is found out that it is gone. */
  kill(member: Running): void {
    member.process.alive = false;
    member.process.diedAt = this.scheduler.step;
    this.scheduler.forget(member.process);
  }

  expel(process: Process): void {
    for (const consumer of this.broker.consumers) if (consumer.process === process) this.broker.expel(consumer);
  }

  private restartOf(member: Running): Action {
    const { process, service } = member;
    const run = () => {
      // The servers find out by then at the latest that nobody is there any more.
      for (const session of this.services[service].server.sessions) if (session.process === process) session.end();
      this.expel(process);
      for (const consumer of this.broker.consumers)
        if (consumer.process === process) this.broker.consumers.delete(consumer);
      this.members = this.members.map((one) => (one === member ? new Running(service, process.name, this) : one));
    };
    return { process: undefined, label: `${process.name} is started again`, since: process.diedAt, run };
  }
}
