import type { ServiceTypes } from '@orderflow/decider';
import type { ConsumedOffset } from '@orderflow/kafka';
import type { Dependencies } from '../definition/dependencies.js';
import type { ConsumerDefinition, LoadedStates } from '../definition/service-definition.js';
import { inboxId, type InboxTable } from '../inbox/inbox.js';
import { GroupOffsets, offsetsAfter } from '../offsets/group-offsets.js';
import type { ParkingTable } from '../parking/parking.js';
import type { Sql } from '../store/sql.js';
import type { Store } from '../store/store.js';
import { BatchWork } from './batch-work.js';
import type { Incoming } from './incoming.js';

/** What the transaction of a batch reads and writes. Its number of statements does not depend on the batch's size. */
export class BatchStorage<T extends ServiceTypes, Tx = Sql> {
  /** Decide where the consumer group begins. */
  readonly offsets: GroupOffsets<Tx>;
  private readonly store: Store<Tx>;
  private readonly inbox: InboxTable<Tx>;
  private readonly parking: ParkingTable<Tx>;

  constructor(
    private readonly definition: ConsumerDefinition<T, Tx>,
    dependencies: Pick<Dependencies<Tx>, 'store' | 'settings' | 'onFatal'>,
  ) {
    const { service, consumer, inbox } = definition;
    const { store, settings } = dependencies;
    this.store = store;
    this.inbox = store.inbox(consumer, inbox);
    this.offsets = new GroupOffsets(store.offsets(consumer), store.database, (error) => dependencies.onFatal(error));
    this.parking = store.parking(service, consumer, settings.topicPrefix);
  }

  /** Reads and locks, in an order that is part of the guarantees. */
  async load(tx: Tx, batch: readonly Incoming<T['command']>[]) {
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
    const [admitted, retried, states, blocked, openCalls] = await Promise.all([
      // 1. Inbox: which events are new? Retries lock their parked rows.
      inbox.admit(tx, fromKafka),
      parking.take(tx, retries),
      // 2. Load and lock every state that the batch touches.
      // guard: parked subjects are looked up under the locks of the batch
      this.definition.repository.load(tx, commands),
      // 3. Which subjects are parked? Read under the locks of step 2, so that rows which another instance parks now are seen.
      parking.holds(tx, [...new Set(firsts.map(({ subject }) => subject))]),
      this.store.calls.open(tx, settled),
    ]);
    return { work: new BatchWork<T>(admitted, retried, blocked, openCalls), states };
  }

  /** Writes what the batch leads to. @returns how far it has consumed the partitions */
  async save(
    tx: Tx,
    batch: readonly Incoming<T['command']>[],
    work: BatchWork<T>,
    states: LoadedStates<T>,
  ): Promise<readonly ConsumedOffset[]> {
    const { outbox, calls, deadlines } = this.store;
    const firsts = batch.flatMap((one) => (one.kind === 'command' || one.parkedId !== undefined ? [] : [one.record]));
    const consumed = offsetsAfter(firsts);
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
    return consumed;
  }
}
