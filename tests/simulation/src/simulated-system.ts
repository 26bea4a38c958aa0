import { services as names } from '@orderflow/contracts';
import { Customer } from './customer.js';
import type { Plan } from './plan.js';
import type { Rules } from './rules.js';
import { SimulatedInstance } from './simulated-instance.js';
import type { Action, Process } from './scheduler.js';
import { Environment } from './environment.js';

// Longer than the interval at which a relay rebalances its shards.
const POLL_MS = 1_100;

/** The whole system: environment, instances of the four services, and customers. */
export class SimulatedSystem extends Environment {
  readonly customers: readonly Customer[];
  instances: SimulatedInstance[];

  constructor(
    plan: Plan,
    rules: Rules,
    /** Is called with one line per step. */
    readonly trace?: (line: string) => void,
  ) {
    super(plan, rules);
    const { orders, instances } = plan;
    this.instances = names.flatMap((name) =>
      Array.from({ length: instances }, (_, i) => new SimulatedInstance(name, `${name}-${i + 1}`, this)),
    );
    const ready = () =>
      this.instances.filter(({ service, process }) => service === 'orders' && this.scheduler.isRunning(process));
    this.customers = orders.map((plan, i) => new Customer(plan, i + 1, this, ready));
  }

  /** The possible next steps. */
  actions(): Action[] {
    const { scheduler } = this;
    const actions: Action[] = scheduler.ready();
    for (const instance of this.instances) {
      if (scheduler.isRunning(instance.process)) instance.addActions(actions);
      else if (!instance.process.alive) actions.push(this.restartOf(instance));
    }
    for (const consumer of this.broker.consumers)
      if (scheduler.isRunning(consumer.process)) consumer.addActions(actions);
    for (const customer of this.customers) customer.addActions(actions);
    return actions;
  }

  /** The next time at which something becomes due. */
  nextDue(): number | undefined {
    const { scheduler } = this;
    const isWaiting = this.instances.some((instance) => scheduler.isRunning(instance.process) && instance.isWaiting);
    let next = isWaiting ? this.clock.now + POLL_MS : Infinity;
    for (const due of [this.clock, ...names.map((name) => this.services[name])])
      for (const at of due.dueTimes()) if (at > this.clock.now && at < next) next = at;
    return next === Infinity ? undefined : next;
  }

  /** The servers keep the sessions and group memberships of the process until they notice. */
  kill(instance: SimulatedInstance): void {
    instance.process.alive = false;
    instance.process.diedAt = this.scheduler.step;
    this.scheduler.forget(instance.process);
  }

  /** Removes the consumers of the process from their groups. They do not notice yet. */
  expel(process: Process): void {
    for (const consumer of this.broker.consumers) if (consumer.process === process) consumer.group.leave(consumer);
  }

  private restartOf(instance: SimulatedInstance): Action {
    const { process, service } = instance;
    const run = () => {
      // By then the servers have noticed that the old process is dead.
      for (const session of this.services[service].database.sessions) if (session.process === process) session.end();
      this.expel(process);
      for (const consumer of this.broker.consumers)
        if (consumer.process === process) this.broker.consumers.delete(consumer);
      this.instances = this.instances.map((one) =>
        one === instance ? new SimulatedInstance(service, process.name, this) : one,
      );
    };
    return { process: undefined, label: `restart ${process.name}`, since: process.diedAt, run };
  }
}
