import { BrokenRule, type ServiceTypes } from '@orderflow/decider';
import type { ConsumedOffset } from '@orderflow/kafka';
import { withSpan } from '@orderflow/telemetry';
import { reasonOf } from '../base/failures.js';
import { batchDuration, batchSize, events } from '../base/metrics.js';
import type { PendingCall } from '../calls/external-calls.js';
import type { Dependencies } from '../definition/dependencies.js';
import type { ConsumerDefinition, LoadedStates } from '../definition/service-definition.js';
import { inboxId, type InboxTable } from '../inbox/inbox.js';
import { GroupOffsets, offsetsAfter } from '../offsets/group-offsets.js';
import type { ParkingTable } from '../parking/parking.js';
import type { Sql } from '../store/sql.js';
import type { Transactions } from '../store/store.js';
import { spanOf, tracedOn } from './batch-trace.js';
import { BatchWork } from './batch-work.js';
import type { BatchHandler } from './batcher.js';
import type { Incoming, Outcome, UndecodableRecord } from './incoming.js';
import { toRecord } from './to-record.js';

type In<T extends ServiceTypes> = Incoming<T['command']>;
type Out<T extends ServiceTypes> = Outcome<T['state']>;

/** Called after each commit: the relay and the call worker wake up (ServiceInstance). */
export interface AfterCommit {
  committed(calls: readonly PendingCall[]): void;
}

/** The one transaction of a batch. It calls nothing remote, and its number of statements does not depend on the batch's size. */
export class CommandHandler<T extends ServiceTypes, Tx = Sql> implements BatchHandler<In<T>, Out<T>> {
  /** Decide where the consumer group begins. */
  readonly offsets: GroupOffsets<Tx>;
  private readonly connection: Transactions<Tx>;
  private readonly inbox: InboxTable<Tx>;
  private readonly parking: ParkingTable<Tx>;

  constructor(
    private readonly definition: ConsumerDefinition<T, Tx>,
    private readonly dependencies: Pick<Dependencies<Tx>, 'store' | 'codec' | 'settings' | 'clock' | 'onFatal'>,
    private readonly afterCommit?: AfterCommit,
  ) {
    const { service, consumer, inbox } = definition;
    const { store, settings } = dependencies;
    this.connection = store.batches(consumer);
    this.inbox = store.inbox(consumer, inbox);
    this.offsets = new GroupOffsets(store.offsets(consumer), store.database, (error) => dependencies.onFatal(error));
    this.parking = store.parking(service, consumer, settings.topicPrefix);
  }

  /** Called by the batcher, one batch at a time. When it throws, nothing is committed. */
  async handle(batch: readonly In<T>[]): Promise<readonly Out<T>[]> {
    const { consumer: group } = this.definition;
    const { clock } = this.dependencies;
    const since = clock.elapsed();
    const { work, outcomes, offsets } = await withSpan(`commit ${group}`, spanOf(batch), () =>
      this.connection.transaction((tx) => this.apply(tx, batch)),
    );
    this.offsets.learn(offsets);
    this.afterCommit?.committed(work.calls);
    batchSize.observe({ group }, batch.length);
    batchDuration.observe({ group }, (clock.elapsed() - since) / 1000);
    for (const { headers } of work.records) events.add({ type: headers['ce_type']! });
    this.definition.observe?.(work.recorded);
    return outcomes;
  }

  /** The batcher has found the one message that the database refuses: an event is parked, a command is refused. */
  async refused(incoming: In<T>, error: unknown): Promise<Out<T>> {
    if (incoming.kind === 'command') return { kind: 'refused', error };
    const toPark = { ...incoming, kind: 'undecodable', why: 'refused', reason: reasonOf(error) } as const;
    return (await this.handle([toPark]))[0]!;
  }

  /** Everything inside the transaction; a dry run rolls it back. */
  async apply(tx: Tx, batch: readonly In<T>[]) {
    const { work, states } = await this.load(tx, batch);
    const outcomes = batch.map((incoming) => this.handleOne(incoming, work, states));
    const firsts = batch.flatMap((one) => (one.kind === 'command' || one.parkedId !== undefined ? [] : [one.record]));
    const offsets = offsetsAfter(firsts);
    await this.save(tx, work, states, offsets);
    return { work, outcomes, offsets };
  }

  async end(): Promise<void> {
    await this.connection.end();
  }

  private async load(tx: Tx, batch: readonly In<T>[]) {
    const { parking, inbox } = this;
    const fromKafka = batch.filter((incoming) => incoming.kind !== 'command');
    const retries = fromKafka.flatMap((incoming) => {
      const { parkedId, subject } = incoming;
      return parkedId === undefined ? [] : [{ parkedId, subject, eventId: inboxId(incoming) }];
    });
    const firsts = fromKafka.filter(({ parkedId }) => parkedId === undefined);
    const commands = batch.flatMap((incoming) => (incoming.kind === 'undecodable' ? [] : [incoming.command]));
    const settled = batch.flatMap((incoming) =>
      incoming.kind === 'command' && incoming.settledBy ? [incoming.answers ?? ''] : [],
    );
    // Started together they share a round trip; the connection runs them in this order.
    const [admitted, retried, states, blocked, deadCalls] = await Promise.all([
      // 1. Inbox: which events are new? Retries lock their parked rows.
      inbox.admit(tx, fromKafka),
      parking.take(tx, retries),
      // 2. Load and lock every state that the batch touches.
      // guard: parked subjects are looked up under the locks of the batch
      this.definition.repository.load(tx, commands),
      // 3. Which subjects are parked? Read under the locks of step 2, so that rows which another instance parks now are seen.
      parking.holds(tx, [...new Set(firsts.map(({ subject }) => subject))]),
      this.dependencies.store.calls.dead(tx, settled),
    ]);
    return { work: new BatchWork<T>(admitted, retried, blocked, deadCalls), states };
  }

  private handleOne(incoming: In<T>, work: BatchWork<T>, states: LoadedStates<T>): Out<T> {
    if (incoming.kind === 'command')
      return work.maySettle(incoming) ? this.decide(incoming, work, states) : { kind: 'refused', error: notDead() };
    if (!work.isNew(incoming)) return { kind: 'duplicate' };
    if (incoming.kind === 'undecodable') return work.park(incoming, incoming.why, incoming.reason);
    // guard: later events of a parked order are parked behind it
    if (work.isBlocked(incoming)) return work.park(incoming, 'blocked', 'blocked by an earlier event of its subject');
    const outcome = this.decide(incoming, work, states);
    return outcome.kind === 'refused' ? work.park(incoming, 'refused', reasonOf(outcome.error)) : outcome;
  }

  // 4. Decide and evolve in memory, in the order of arrival, and collect the effects of each event.
  private decide(incoming: Exclude<In<T>, UndecodableRecord>, work: BatchWork<T>, states: LoadedStates<T>): Out<T> {
    const { decider, service } = this.definition;
    const { command } = incoming;
    try {
      const one = work.begin(incoming);
      let state = states.get(command);
      for (const event of decider.decide(command, state)) {
        state = decider.evolve(state, event);
        const effects = this.definition.effects?.(event, state, incoming.context) ?? [];
        const context = tracedOn(incoming.context, effects);
        const recorded = one.add(event, state, context);
        for (const effect of effects)
          if ('publish' in effect) one.records.push(toRecord(effect, service, recorded, this.dependencies));
          else one.effect(effect, context);
      }
      work.finish(one);
      states.set(command, state);
      return { kind: 'done', state, ...one.ending };
    } catch (error) {
      // A pure decision throws the same again: a broken rule, or a bug. Only this command leaves the batch.
      // guard: a command that breaks a rule is taken out of its batch alone
      return { kind: 'refused', error };
    }
  }

  // 5. Save the changes and append the published events to the outbox; the commit follows.
  private async save(
    tx: Tx,
    work: BatchWork<T>,
    states: LoadedStates<T>,
    consumed: readonly ConsumedOffset[],
  ): Promise<void> {
    const { outbox, calls, deadlines } = this.dependencies.store;
    const deadLetters = await this.parking.failedAgain(tx, work.failedAgain);
    await Promise.all([
      this.definition.repository.save(tx, states, work.recorded),
      // guard: recorded events go to the outbox in the transaction of their effect
      outbox.append(tx, [...work.records, ...deadLetters]),
      calls.add(tx, work.calls),
      // guard: an answer removes its call in its own transaction
      calls.answered(tx, work.answered),
      calls.settled(tx, work.settled),
      deadlines.apply(tx, work.deadlines),
      this.parking.park(tx, work.parked),
      this.parking.unpark(tx, work.unparked),
      // guard: consumed offsets are stored in the transaction of the effects
      this.offsets.advance(tx, consumed),
    ]);
  }
}

const notDead = () => new BrokenRule('the call is no dead letter (any more)', 'not-a-dead-letter');
