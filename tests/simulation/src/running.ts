import type { Service } from '@orderflow/contracts';
import { type Commands, type Dependencies, ServiceInstance } from '@orderflow/durable';
import { type MemoryService, MemoryStore } from './memory/store.js';
import type { Tx } from './memory/sessions.js';
import type { OrderTypes } from '../../../apps/orders/src/domain/order-working-set.js';
import { codecOf } from './codecs.js';
import { type Action, Process } from './scheduler.js';
import { inventory } from './services/inventory.js';
import { notifications } from './services/notifications.js';
import { orders } from './services/orders.js';
import { payments } from './services/payments.js';
import type { World } from './world.js';

interface Steps {
  step(): Promise<boolean>;
}

/** An instance of any service, as far as the schedule works with it. */
interface Instance {
  readonly groups: readonly { readonly redrive: Steps; readonly strategy: Listens }[];
  readonly relay: Steps;
  readonly calls: Steps | undefined;
  readonly deadlines: Steps | undefined;
}

interface Listens {
  listen(callback: (error?: unknown) => void): Promise<void>;
}

/** One process of a service: what `ServiceRuntime` starts, each step of its workers when the schedule says so. */
export class Running {
  readonly process: Process;
  readonly commands: Commands<OrderTypes, Tx> | undefined;
  private readonly workers: Worker[];

  constructor(
    readonly service: Service,
    name: string,
    private readonly world: World,
  ) {
    this.process = new Process(name);
    const { instance, commands } = this.instance();
    this.commands = commands;
    const rows = world.services[service];
    this.workers = workersOf(instance, rows, () => world.clock.now).map(
      (worker) => new Worker(worker, this.process, world, rows),
    );
    for (const { strategy } of instance.groups) void strategy.listen(() => undefined);
  }

  addActions(actions: Action[]): void {
    for (const worker of this.workers) if (worker.isReady) actions.push(worker);
  }

  /** Whether a worker found nothing that it may do, though there is something to do: it looks again after a while. */
  get isWaiting(): boolean {
    return this.workers.some((worker) => worker.isWaiting);
  }

  private instance(): { instance: Instance; commands?: Commands<OrderTypes, Tx> } {
    const { world, process, service } = this;
    const dependencies: Dependencies<Tx> = {
      store: new MemoryStore(world.services[service], process),
      broker: world.broker.of(process),
      codec: codecOf(service, world.undecodable, world.rules.encoded),
      clock: world.clock.of(process),
      settings: { topicPrefix: '', outboxPollMs: 0 },
      log: world.logOf(process),
      onFatal: () => undefined,
    };
    switch (service) {
      case 'orders': {
        const definition = orders(world.orders, world.hasViews ? world.views : undefined);
        const instance = new ServiceInstance(definition, dependencies);
        return { instance, commands: instance.main.commands };
      }
      case 'inventory':
        return { instance: new ServiceInstance(inventory(world.stock), dependencies) };
      case 'payments':
        return { instance: new ServiceInstance(payments(world.payments, world.provider, process), dependencies) };
      case 'notifications':
        return { instance: new ServiceInstance(notifications(world.notices, world.mailbox, process), dependencies) };
    }
  }
}

interface WorkerKind {
  readonly label: string;
  /** Whether there is something for it: it is not asked in vain all the time. */
  readonly isNeeded: () => boolean;
  readonly works: Steps;
}

function workersOf(
  { groups, relay, calls, deadlines }: Instance,
  rows: MemoryService,
  now: () => number,
): WorkerKind[] {
  const isParkedDue = () =>
    some(rows.parked.rows.values(), ({ nextAttemptAt, isDead }) => nextAttemptAt <= now() && !isDead);
  const kinds: WorkerKind[] = [
    { label: 'relay', works: relay, isNeeded: () => rows.outbox.isAnythingToSend },
    ...groups.map(({ redrive }) => ({ label: 'redrive', works: redrive, isNeeded: isParkedDue })),
  ];
  const areCallsDue = () => some(rows.calls.rows.rows.values(), ({ nextAttemptAt }) => nextAttemptAt <= now());
  if (calls) kinds.push({ label: 'calls', works: calls, isNeeded: areCallsDue });
  const areDeadlinesDue = () => some(rows.deadlines.rows.rows.values(), ({ dueAt }) => dueAt <= now());
  if (deadlines) kinds.push({ label: 'deadlines', works: deadlines, isNeeded: areDeadlinesDue });
  return kinds;
}

/** Repeats the step of one worker, as its loop does. */
class Worker implements Action {
  private isBusy = false;
  since: number;
  /** What there was when it found nothing to do. */
  private idleVersion = -1;
  private idleAt = 0;

  constructor(
    private readonly kind: WorkerKind,
    readonly process: Process,
    private readonly world: World,
    private readonly rows: MemoryService,
  ) {
    this.since = world.scheduler.step;
  }

  get isWaiting(): boolean {
    return !this.isBusy && this.kind.isNeeded();
  }

  get label(): string {
    return this.kind.label;
  }

  /** Nothing has changed since it found nothing to do: then it would find nothing again. */
  get isReady(): boolean {
    if (this.isBusy || !this.kind.isNeeded()) return false;
    return this.idleVersion !== this.rows.server.database.version || this.idleAt !== this.world.clock.now;
  }

  run(): void {
    void this.step();
  }

  private async step(): Promise<void> {
    this.isBusy = true;
    const { version } = this.rows.server.database;
    const { now } = this.world.clock;
    // As a loop does: what fails is tried again.
    const isMore = await this.kind.works.step().catch(() => true);
    if (!isMore) [this.idleVersion, this.idleAt] = [version, now];
    this.isBusy = false;
    this.since = this.world.scheduler.step;
  }
}

function some<T>(values: Iterable<T>, holds: (value: T) => boolean): boolean {
  for (const value of values) if (holds(value)) return true;
  return false;
}
