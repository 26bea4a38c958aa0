import { eventsOf } from '@orderflow/contracts';
import type { OwnEvent, ServiceTypes } from '@orderflow/decider';
import type { RawRecord } from '@orderflow/kafka';
import type { PendingCall } from '../calls/external-calls.js';
import type { DeadlineChange } from '../deadlines/deadlines.js';
import type { Dependencies } from '../definition/dependencies.js';
import type { LoadedStates, ServiceDefinition } from '../definition/service-definition.js';
import type { Sql } from '../store/sql.js';
import type { RecordedEvent } from '../transaction/incoming.js';
import { eventsIn, type Traced } from './events-in.js';

/** An event of the service. */
export type Published<T extends ServiceTypes> = Traced<OwnEvent<T>>;

/** The events that a service published, against the state in its database. */
export class OwnEvents<T extends ServiceTypes, Tx = Sql> {
  constructor(
    private readonly definition: Pick<
      ServiceDefinition<T, Tx>,
      'service' | 'decider' | 'repository' | 'effects' | 'takeBack'
    >,
    private readonly dependencies: Pick<Dependencies<Tx>, 'store' | 'codec' | 'settings'>,
  ) {}

  /** The events of this service in these records, as {@link eventsIn} reads them. */
  async decode(records: readonly RawRecord[]): Promise<Published<T>[]> {
    const { service } = this.definition;
    return (await eventsIn(records, eventsOf(service), service, this.dependencies)) as Published<T>[];
  }

  /** Those that the state does not contain, of events in the order of their publication. */
  async missing(tx: Tx, published: readonly Published<T>[]): Promise<Published<T>[]> {
    const { takeBack } = this.definition;
    const states = await this.load(tx, published);
    return published.filter(({ event }) => {
      const state = states.get(takeBack.commandOf(event));
      return takeBack.sequenceOf(event, state) < event.sequence;
    });
  }

  /**
   * Makes the missing ones part of the state, with their ids, numbers and times. Deadlines and external calls follow as from
   * any event; nothing is published again, and rows of the outbox that the topic has already are deleted.
   * @returns how many were missing
   */
  async takeBack(tx: Tx, published: readonly Published<T>[]): Promise<number> {
    const { decider, repository, effects, takeBack } = this.definition;
    const { outbox, calls, deadlines } = this.dependencies.store;
    const states = await this.load(tx, published);
    const recorded: RecordedEvent<T['event'], T['state']>[] = [];
    const due = new Map<string, DeadlineChange>();
    const pending: PendingCall[] = [];
    let taken = 0;
    for (const { event: own, trace } of published) {
      const { id, correlationId, causationId, time } = own;
      const command = takeBack.commandOf(own);
      let state = states.get(command);
      if (takeBack.sequenceOf(own, state) >= own.sequence) continue;
      taken++;
      const context = { id: causationId, correlationId, ...trace, at: new Date(time) };
      for (const event of takeBack.eventsOf(own, state)) {
        state = decider.evolve(state, event);
        const follows = effects?.(event, state, context) ?? [];
        recorded.push({ id, event, state, context, published: follows.find((effect) => 'publish' in effect) });
        for (const effect of follows) {
          if ('call' in effect)
            pending.push({ ...effect.call, context: { ...context, id: effect.causationId ?? id }, attempts: 1 });
          if ('deadline' in effect) due.set(effect.deadline.subject, { inSeconds: effect.deadline.inSeconds, context });
          if ('clearDeadline' in effect) due.set(effect.clearDeadline, undefined);
        }
      }
      if (takeBack.sequenceOf(own, state) !== own.sequence)
        throw new Error(`${own.type} ${own.sequence} of ${own.subject} follows events that the topic does not hold`);
      states.set(command, state);
    }
    await repository.save(tx, states, recorded);
    await calls.add(tx, pending);
    await deadlines.apply(tx, due);
    await outbox.published(
      tx,
      published.map(({ event }) => event.id),
    );
    return taken;
  }

  private load(tx: Tx, published: readonly Published<T>[]): Promise<LoadedStates<T>> {
    return this.definition.repository.load(
      tx,
      published.map(({ event }) => this.definition.takeBack.commandOf(event)),
    );
  }
}
