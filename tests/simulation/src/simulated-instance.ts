import type { Service } from '@orderflow/contracts';
import { type Commands, type Dependencies, ServiceInstance } from '@orderflow/durable';
import type { OrderTypes } from '../../../apps/orders/src/domain/order-working-set.js';
import { codecOf } from './codecs.js';
import { DeadlineSteps } from './deadline-steps.js';
import type { Environment } from './environment.js';
import type { Tx } from './memory/database.js';
import { type Action, Process } from './scheduler.js';
import { inventory } from './services/inventory.js';
import { notifications } from './services/notifications.js';
import { orders } from './services/orders.js';
import { payments } from './services/payments.js';
import { type Steps, Worker } from './worker.js';

/** What a run uses of a `ServiceInstance`. */
interface Parts {
  readonly groups: readonly {
    readonly redrive: Steps;
    readonly strategy: { listen(ended: () => void): Promise<void> };
  }[];
  readonly relay: Steps;
  readonly calls: Steps | undefined;
  readonly deadlines: Steps | undefined;
  readonly commands?: Commands<OrderTypes, Tx>;
}

/** One process of a service: the parts that `ServiceRuntime` starts. The scheduler runs each step of its workers. */
export class SimulatedInstance {
  readonly process: Process;
  readonly commands: Commands<OrderTypes, Tx> | undefined;
  private readonly workers: Worker[];
  private readonly isSkewed: boolean;

  constructor(
    readonly service: Service,
    name: string,
    private readonly environment: Environment,
  ) {
    this.process = new Process(name);
    this.isSkewed = name === `${service}-1`;
    const { groups, relay, calls, deadlines, commands } = this.start();
    this.commands = commands;
    const { clock, services } = environment;
    const rows = services[service];
    const isParkedDue = () => rows.parked.some((row) => row.nextAttemptAt <= clock.now && !row.isDead);
    const areCallsDue = () => rows.calls.rows.some(({ nextAttemptAt }) => nextAttemptAt <= clock.now);
    const areDeadlinesDue = () => rows.deadlines.rows.some(({ dueAt }) => dueAt <= clock.now);
    const worker = (label: string, steps: Steps, isNeeded: () => boolean) =>
      new Worker(label, steps, isNeeded, this.process, environment, rows.database);
    this.workers = [
      worker('relay', relay, () => rows.outbox.hasRowsToSend),
      ...groups.map(({ redrive }) => worker('redrive', redrive, isParkedDue)),
      ...(calls ? [worker('calls', calls, areCallsDue)] : []),
      ...(deadlines ? [worker('deadlines', deadlines, areDeadlinesDue)] : []),
    ];
    for (const { strategy } of groups) void strategy.listen(() => undefined);
  }

  addActions(actions: Action[]): void {
    for (const worker of this.workers) if (worker.isReady) actions.push(worker);
  }

  /** Whether a worker has work that its last step could not do: its next step comes after the poll interval. */
  get isWaiting(): boolean {
    return this.workers.some((worker) => worker.isWaiting);
  }

  private start(): Parts {
    const { environment, process, service } = this;
    const dependencies: Dependencies<Tx> = {
      store: environment.services[service].of(process),
      broker: environment.broker.of(process),
      codec: codecOf(service, environment.undecodable, environment.rules.encoded),
      clock: environment.clock.of(process, this.isSkewed ? environment.plan.skewMs : 0),
      settings: { topicPrefix: '', outboxPollMs: 0 },
      log: environment.logOf(process),
      onFatal: ({ message }) => environment.rules.violated(message),
    };
    switch (service) {
      case 'orders': {
        const definition = orders(environment.orders, environment.plan.hasViews ? environment.views : undefined);
        const instance = new ServiceInstance(definition, dependencies);
        const deadlines = new DeadlineSteps(instance.deadlines!, process, environment);
        environment.deadlines = deadlines;
        const { groups, relay, calls, main } = instance;
        return { groups, relay, calls, deadlines, commands: main.commands };
      }
      case 'inventory':
        return new ServiceInstance(inventory(environment.stock), dependencies);
      case 'payments': {
        const definition = payments(environment.payments, environment.provider.of(process));
        return new ServiceInstance(definition, dependencies);
      }
      case 'notifications': {
        const definition = notifications(environment.notices, environment.mailbox.of(process));
        return new ServiceInstance(definition, dependencies);
      }
    }
  }
}
