import type { WorkingSet } from '@orderflow/decider';
import type { EventCodec } from '@orderflow/kafka';
import { withSpan } from '@orderflow/telemetry';
import { spanOf, tracedOn } from './batch-trace.js';
import { BatchWork } from './batch-work.js';
import { toRecord } from './to-record.js';
import { reasonOf } from '../base/failures.js';
import { inboxId } from '../inbox/inbox.js';
import { batchDuration, batchSize, events } from '../base/metrics.js';
import type { PendingCall } from '../calls/external-calls.js';
import type { Handling, Incoming, Outcome, UndecodableRecord } from '../definition/service.js';
import type { Sql } from '../store/sql.js';
import type { InboxTable, ParkingTable, Store, Transactions } from '../store/store.js';

/** What the handler needs besides the service itself. */
export interface HandlerParts<Tx = Sql> {
  readonly connection: Transactions<Tx>;
  readonly store: Pick<Store<Tx>, 'inbox' | 'outbox' | 'calls' | 'deadlines'>;
  readonly codec: Pick<EventCodec, 'encode'>;
  readonly parking: ParkingTable<Tx>;
  readonly topicPrefix: string;
  /** Told after each commit: there may be rows in the outbox, and these calls are to be made. */
  readonly committed: (calls: readonly PendingCall[]) => void;
}

/**
 * The one transaction: what have I not seen? -> load and lock all that the batch touches -> decide and evolve in memory,
 * in the order of arrival -> save what changed and say what happened. The number of statements does not depend on the
 * size of the batch, nothing remote is called, and all of it is committed or none.
 */
export class CommandHandler<State, Command, Event, Loaded extends WorkingSet<State, Command>, Tx = Sql> {
  private readonly inbox: InboxTable<Tx>;

  constructor(
    private readonly handling: Handling<State, Command, Event, Loaded, Tx>,
    private readonly parts: HandlerParts<Tx>,
  ) {
    this.inbox = parts.store.inbox(handling.consumer, handling.inbox);
  }

  /** @returns one outcome for each incoming, in order, when all of it is committed. @throws what the database throws */
  async handle(batch: readonly Incoming<Command>[]): Promise<readonly Outcome<State>[]> {
    const { consumer: group, observe } = this.handling;
    const since = performance.now();
    const { work, outcomes } = await withSpan(`commit ${group}`, spanOf(batch), () =>
      this.parts.connection.transaction((tx) => this.run(tx, batch)),
    );
    this.parts.committed(work.calls);
    batchSize.observe({ group }, batch.length);
    batchDuration.observe({ group }, (performance.now() - since) / 1000);
    for (const { headers } of work.records) events.add({ type: headers['ce_type']! });
    observe?.(work.happened);
    return outcomes;
  }

  /** All that is done in the one transaction. Nobody is told of it: whoever rolls it back has tried what would happen. */
  async run(
    tx: Tx,
    batch: readonly Incoming<Command>[],
  ): Promise<{ work: BatchWork<State, Event, Loaded>; outcomes: readonly Outcome<State>[] }> {
    const work = await this.load(tx, batch);
    const outcomes = batch.map((incoming) => this.handleOne(incoming, work));
    await this.save(tx, work);
    return { work, outcomes };
  }

  private async load(tx: Tx, batch: readonly Incoming<Command>[]): Promise<BatchWork<State, Event, Loaded>> {
    const { repository } = this.handling;
    const { parking } = this.parts;
    const heard = batch.filter((incoming) => incoming.kind !== 'command');
    const retries = heard.flatMap((one) => {
      const { parkedId, subject } = one;
      return parkedId === undefined ? [] : [{ parkedId, subject, eventId: inboxId(one) }];
    });
    const firsts = heard.filter(({ parkedId }) => parkedId === undefined);
    const commands = batch.flatMap((incoming) => (incoming.kind === 'undecodable' ? [] : [incoming.command]));
    // Started together they share a round trip; the connection runs them in this order. What is parked is asked for last:
    // with the locks of load, so that what another member parks of the same subject at this moment is seen.
    const [admitted, retried, states, blocked] = await Promise.all([
      this.inbox.admit(tx, heard),
      parking.take(tx, retries),
      repository.load(tx, commands),
      parking.holds(tx, [...new Set(firsts.map(({ subject }) => subject))]),
    ]);
    return new BatchWork(states, admitted, retried, blocked);
  }

  private handleOne(incoming: Incoming<Command>, work: BatchWork<State, Event, Loaded>): Outcome<State> {
    if (incoming.kind === 'command') return this.decide(incoming, work);
    if (!work.isNew(incoming)) return { kind: 'duplicate' };
    if (incoming.kind === 'undecodable') return work.park(incoming, incoming.why, incoming.reason);
    if (work.isBlocked(incoming)) return work.park(incoming, 'blocked', 'blocked by an earlier event of its subject');
    const outcome = this.decide(incoming, work);
    return outcome.kind === 'refused' ? work.park(incoming, 'refused', reasonOf(outcome.error)) : outcome;
  }

  private decide(
    incoming: Exclude<Incoming<Command>, UndecodableRecord>,
    work: BatchWork<State, Event, Loaded>,
  ): Outcome<State> {
    const { decider, effects, service } = this.handling;
    const { command } = incoming;
    try {
      const step = work.begin(incoming);
      let state = work.states.get(command);
      for (const event of decider.decide(command, state)) {
        state = decider.evolve(state, event);
        const called = effects(event, state, incoming.context);
        const context = tracedOn(incoming.context, called);
        const happened = step.add(event, state, context);
        for (const effect of called)
          if ('publish' in effect) step.records.push(toRecord(effect, service, happened, this.parts));
          else step.effect(effect, context);
      }
      work.finish(step);
      work.states.set(command, state);
      return { kind: 'done', state, ...step.ending };
    } catch (error) {
      // What a pure decision throws it will throw again: a broken rule, or a mistake of ours. It takes only itself out.
      return { kind: 'refused', error };
    }
  }

  private async save(tx: Tx, work: BatchWork<State, Event, Loaded>): Promise<void> {
    const { parking, store } = this.parts;
    const deadLetters = await parking.failedAgain(tx, work.failedAgain);
    await Promise.all([
      this.handling.repository.save(tx, work.states, work.happened),
      store.outbox.append(tx, [...work.records, ...deadLetters]),
      store.calls.add(tx, work.calls),
      store.calls.answered(tx, work.answered),
      store.deadlines.apply(tx, work.deadlines),
      parking.park(tx, work.parked),
      parking.unpark(tx, work.unparked),
    ]);
  }
}
