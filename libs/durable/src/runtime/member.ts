import type { WorkingSet } from '@orderflow/decider';
import type { Service } from '@orderflow/contracts';
import { CallWorker } from '../calls/call-worker.js';
import { ConsumerGroup, type Shared } from '../consumer/consumer-group.js';
import { DeadlineWorker } from '../deadlines/deadline-worker.js';
import type { Ground } from './ground.js';
import type { ServiceOptions } from '../definition/options.js';
import type { PendingCall } from '../calls/external-calls.js';
import type { Projection } from '../definition/projection.js';
import { Relay } from '../outbox/relay.js';
import type { Incoming } from '../definition/service.js';
import type { Sql } from '../store/sql.js';

/** All that works in one process of a service. */
export interface Member<State, Command, Event, Loaded extends WorkingSet<State, Command>, Tx = Sql> {
  readonly main: ConsumerGroup<State, Command, Event, Loaded, Tx>;
  readonly views: readonly ReturnType<Projection<Tx>['consumerGroup']>[];
  readonly relay: Relay<Tx>;
  readonly calls: CallWorker<Command, Tx> | undefined;
  readonly deadlines: DeadlineWorker<Command, Tx> | undefined;
}

/** Puts a member together; nothing runs before it is started. */
export function member<S extends Service, State, Command, Event, Loaded extends WorkingSet<State, Command>, Tx = Sql>(
  options: Omit<ServiceOptions<S, State, Command, Event, Loaded, Tx>, 'connections'>,
  ground: Ground<Tx>,
): Member<State, Command, Event, Loaded, Tx> {
  const { handling, reactions, callers, onDeadline, projections = [] } = options;
  const { store, broker, clock, connections, log } = ground;
  const warn = (message: string) => log.warn({}, message);
  const session = store.session(`${handling.service} relay`);
  const relay = new Relay(session, store, broker, { warn }, connections.outboxPollMs, clock);
  // They need each other: what the handler commits, the call worker takes, whose answers the handler gets.
  let calls: CallWorker<Command, Tx> | undefined;
  const committed = (made: readonly PendingCall[]) => {
    relay.poke();
    if (made.length > 0) calls?.take(made);
  };
  const shared: Shared<Tx> = { ...ground, committed };
  const main = new ConsumerGroup(handling, reactions, shared);
  const submit = (incoming: Incoming<Command>) => main.submit(incoming);
  calls = callers && new CallWorker(callers, submit, store, { warn }, clock, connections.callMaxBackoffMs);
  const deadlines =
    onDeadline && new DeadlineWorker(onDeadline, submit, store, (reason) => warn(`deadlines: ${reason}`), clock);
  // What a projection commits is for nobody else: there is nothing to poke the relay for.
  const views = projections.map((projection) => projection.consumerGroup({ ...shared, committed: () => undefined }));
  return { main, views, relay, calls, deadlines };
}
