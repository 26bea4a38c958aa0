import type { Service } from '@orderflow/contracts';
import { type Commands, type Dependencies, ServiceInstance } from '@orderflow/durable';
import type { OrderTypes } from '../../../apps/orders/src/domain/order-working-set.js';
import { codecOf } from './codecs.js';
import { DeadlineSteps } from './deadline-steps.js';
import type { Environment } from './environment.js';
import { MemoryStore } from './memory/store.js';
import type { Tx } from './memory/sessions.js';
import { type Action, Process } from './scheduler.js';
import { inventory } from './services/inventory.js';
import { notifications } from './services/notifications.js';
import { orders } from './services/orders.js';
import { payments } from './services/payments.js';
import { Worker, type Workers, workersOf } from './worker.js';

interface Parts extends Workers {
  readonly groups: readonly { readonly redrive: Workers['relay']; readonly strategy: Listens }[];
}

interface Listens {
  listen(callback: (error?: unknown) => void): Promise<void>;
}

/** One process of a service: the parts that `ServiceRuntime` starts. The scheduler runs each step of its workers. */
export class SimulatedInstance {
  readonly process: Process;
  readonly commands: Commands<OrderTypes, Tx> | undefined;
  private readonly workers: Worker[];

  constructor(
    readonly service: Service,
    name: string,
    private readonly environment: Environment,
  ) {
    this.process = new Process(name);
    const { parts, commands } = this.start();
    this.commands = commands;
    const rows = environment.services[service];
    this.workers = workersOf(parts, rows, () => environment.clock.now).map(
      (kind) => new Worker(kind, this.process, environment, rows),
    );
    for (const { strategy } of parts.groups) void strategy.listen(() => undefined);
  }

  addActions(actions: Action[]): void {
    for (const worker of this.workers) if (worker.isReady) actions.push(worker);
  }

  /** Whether a worker has work that its last step could not do: its next step comes after the poll interval. */
  get isWaiting(): boolean {
    return this.workers.some((worker) => worker.isWaiting);
  }

  private start(): { parts: Parts; commands?: Commands<OrderTypes, Tx> } {
    const { environment, process, service } = this;
    const dependencies: Dependencies<Tx> = {
      store: new MemoryStore(environment.services[service], process),
      broker: environment.broker.of(process),
      codec: codecOf(service, environment.undecodable, environment.rules.encoded),
      clock: environment.clock.of(process),
      settings: { topicPrefix: '', outboxPollMs: 0 },
      log: environment.logOf(process),
      onFatal: () => undefined,
    };
    switch (service) {
      case 'orders': {
        const definition = orders(environment.orders, environment.hasViews ? environment.views : undefined);
        const instance = new ServiceInstance(definition, dependencies);
        const deadlines = new DeadlineSteps(instance.deadlines!, process, environment);
        environment.deadlines = deadlines;
        const { groups, relay, calls } = instance;
        return { parts: { groups, relay, calls, deadlines }, commands: instance.main.commands };
      }
      case 'inventory':
        return { parts: new ServiceInstance(inventory(environment.stock), dependencies) };
      case 'payments': {
        const definition = payments(environment.payments, environment.provider, process);
        return { parts: new ServiceInstance(definition, dependencies) };
      }
      case 'notifications': {
        const definition = notifications(environment.notices, environment.mailbox, process);
        return { parts: new ServiceInstance(definition, dependencies) };
      }
    }
  }
}
