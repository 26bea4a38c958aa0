import type { ServiceTypes } from '@orderflow/decider';
import { withSpan } from '@orderflow/telemetry';
import { reasonOf } from '../base/failures.js';
import { batchDuration, batchSize, events } from '../base/metrics.js';
import type { PendingCall } from '../calls/external-calls.js';
import type { Dependencies } from '../definition/dependencies.js';
import type { ConsumerDefinition, LoadedStates } from '../definition/service-definition.js';
import type { Sql } from '../store/sql.js';
import type { Transactions } from '../store/store.js';
import { spanOf, tracedOn } from './batch-trace.js';
import { BatchStorage } from './batch-storage.js';
import { type BatchWork, notADeadLetter } from './batch-work.js';
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
  readonly storage: BatchStorage<T, Tx>;
  private readonly connection: Transactions<Tx>;

  constructor(
    private readonly definition: ConsumerDefinition<T, Tx>,
    private readonly dependencies: Pick<Dependencies<Tx>, 'store' | 'codec' | 'settings' | 'clock' | 'log' | 'onFatal'>,
    private readonly afterCommit?: AfterCommit,
  ) {
    this.connection = dependencies.store.batches(definition.consumer);
    this.storage = new BatchStorage(definition, dependencies);
  }

  /** Called by the batcher, one batch at a time. When it throws, nothing is committed. */
  async handle(batch: readonly In<T>[]): Promise<readonly Out<T>[]> {
    const { consumer: group } = this.definition;
    const { clock, log } = this.dependencies;
    const since = clock.elapsed();
    const { work, outcomes, offsets } = await withSpan(`commit ${group}`, spanOf(batch), () =>
      this.connection.transaction((tx) => this.apply(tx, batch)),
    );
    this.storage.offsets.learn(offsets);
    try {
      this.afterCommit?.committed(work.calls);
      batchSize.observe({ group }, batch.length);
      batchDuration.observe({ group }, (clock.elapsed() - since) / 1000);
      for (const { headers } of work.records) events.add({ type: headers['ce_type']! });
      this.definition.observe?.(work.recorded);
    } catch (error) {
      // The workers poll: nothing but a measurement is lost.
      // guard: a batch that is committed does not fail afterwards
      log.warn({ group, reason: reasonOf(error) }, 'a batch was committed, and what follows it failed');
    }
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
    // 1. to 3. The new ones among the events, every state that the batch touches, and the parked subjects.
    const { work, states } = await this.storage.load(tx, batch);
    const outcomes = batch.map((incoming) => this.handleOne(incoming, work, states));
    // 5. Save the changes and append the published events to the outbox; the commit follows.
    const offsets = await this.storage.save(tx, batch, work, states);
    return { work, outcomes, offsets };
  }

  async end(): Promise<void> {
    await this.connection.end();
  }

  private handleOne(incoming: In<T>, work: BatchWork<T>, states: LoadedStates<T>): Out<T> {
    if (incoming.kind === 'command' && !work.maySettle(incoming)) return { kind: 'refused', error: notADeadLetter() };
    if (incoming.kind === 'command') return this.decide(incoming, work, states);
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
        const recorded = one.add(event, state, context, effects);
        for (const effect of effects)
          if ('publish' in effect) one.records.push(toRecord(effect, service, recorded, this.dependencies));
          else one.effect(effect, context);
      }
      work.finish(one);
      states.set(command, state);
      return { kind: 'done', state, events: one.recorded.length, ...one.ending };
    } catch (error) {
      // A pure decision throws the same again: a broken rule, or a bug. Only this command leaves the batch.
      // guard: a command that breaks a rule is taken out of its batch alone
      return { kind: 'refused', error };
    }
  }
}
