import type { ServiceTypes, Settlements } from '@orderflow/decider';
import { Loop } from '../base/loop.js';
import { CallWorker } from '../calls/call-worker.js';
import type { PendingCall } from '../calls/external-calls.js';
import { ConsumerGroup } from '../consumer/consumer-group.js';
import { DeadlineWorker } from '../deadlines/deadline-worker.js';
import type { Dependencies } from '../definition/dependencies.js';
import type { ServiceDefinition } from '../definition/service-definition.js';
import type { InboxTable } from '../inbox/inbox.js';
import { NewestAgain } from '../recovery/newest-again.js';
import { Relay } from '../outbox/relay.js';
import type { Sql } from '../store/sql.js';
import type { AfterCommit } from '../transaction/command-handler.js';

const PURGE_MS = 60_000;

class InboxPurge<Tx> extends Loop {
  constructor(
    private readonly inbox: InboxTable<Tx>,
    private readonly dependencies: Dependencies<Tx>,
  ) {
    super('inbox purge', PURGE_MS, dependencies);
  }

  override step(): Promise<boolean> {
    return this.inbox.purge(this.dependencies.store.database);
  }
}

/** Everything that works in one process of a service. Nothing runs before `start`. */
export class ServiceInstance<T extends ServiceTypes = ServiceTypes, Tx = Sql> implements AfterCommit {
  readonly main: ConsumerGroup<T, Tx>;
  /** The main group and one for each projection. */
  readonly groups: readonly (ConsumerGroup<T, Tx> | ConsumerGroup<ServiceTypes, Tx>)[];
  readonly relay: Relay<Tx>;
  readonly calls: CallWorker<T['command'], Tx> | undefined;
  readonly settlements: Settlements<T['command']>;
  /** By kind of external call: the fields of its request that no view shows. */
  readonly confidential: Readonly<Record<string, readonly string[]>>;
  readonly deadlines: DeadlineWorker<T, Tx> | undefined;
  private readonly purge: Loop;
  private readonly again: Loop | undefined;

  constructor(definition: ServiceDefinition<T, Tx>, dependencies: Dependencies<Tx>) {
    const { service, consumer, callers, settlements = {}, confidential = {} } = definition;
    const { callsAtOnce, onDeadline, projections = [], keeps = [] } = definition;
    const { store } = dependencies;
    this.settlements = settlements;
    this.confidential = confidential;
    this.relay = new Relay(service, dependencies);
    this.main = new ConsumerGroup<T, Tx>(definition, dependencies, this);
    // Projections publish nothing and make no external calls: their commits concern no other worker.
    const views = projections.map((projection) => new ConsumerGroup<ServiceTypes, Tx>(projection, dependencies));
    this.groups = [this.main, ...views];
    const { commands, strategy } = this.main;
    if (callers) this.calls = new CallWorker({ callers, callsAtOnce }, commands, dependencies);
    if (onDeadline) this.deadlines = new DeadlineWorker<T, Tx>({ onDeadline }, commands, strategy, dependencies);
    this.purge = new InboxPurge(store.inbox(consumer), dependencies);
    const newest = keeps.filter(({ newestOnly }) => newestOnly);
    if (newest.length > 0) this.again = new NewestAgain(service, newest, dependencies);
  }

  committed(calls: readonly PendingCall[]): void {
    this.relay.poke();
    if (calls.length > 0) this.calls?.take(calls);
  }

  start(): void {
    this.relay.start();
    for (const worker of [...this.workers(), ...this.groups]) worker.start();
  }

  /** After HTTP and the consumers are closed: first the workers, then the commands that they have submitted, then the relay. */
  async stop(): Promise<void> {
    await Promise.all(this.workers().map((worker) => worker.stop()));
    await Promise.all(this.groups.map((group) => group.stop()));
    await this.relay.stop();
  }

  private workers() {
    return [this.calls, this.purge, this.again, this.deadlines].filter((worker) => worker !== undefined);
  }
}
