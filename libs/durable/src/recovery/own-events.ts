import { eventsOf } from '@orderflow/contracts';
import type { OwnEvent, ServiceTypes } from '@orderflow/decider';
import { deliveriesOf, type RawRecord } from '@orderflow/kafka';
import { freshTraceparent } from '@orderflow/telemetry';
import type { PendingCall } from '../calls/external-calls.js';
import type { DeadlineChange } from '../deadlines/deadlines.js';
import type { Dependencies } from '../definition/dependencies.js';
import type { LoadedStates, ServiceDefinition } from '../definition/service-definition.js';
import type { Sql } from '../store/sql.js';
import type { RecordedEvent } from '../transaction/incoming.js';

/** An event of the service with the trace of its record. */
export interface Published<T extends ServiceTypes> {
  readonly event: OwnEvent<T>;
  readonly traceparent: string;
}

/** The events that a service published, against the state in its database. */
export class OwnEvents<T extends ServiceTypes, Tx = Sql> {
  constructor(
    private readonly definition: Pick<
      ServiceDefinition<T, Tx>,
      'service' | 'decider' | 'repository' | 'effects' | 'takeBack'
    >,
    private readonly dependencies: Pick<Dependencies<Tx>, 'store' | 'codec' | 'settings'>,
  ) {}

  /**
   * The events of this service in these records. A record that is no valid event of it is left out: no one could act on it.
   * @throws TransientError when the registry does not answer
   */
  async decode(records: readonly RawRecord[]): Promise<Published<T>[]> {
    const { codec, settings } = this.dependencies;
    const { service } = this.definition;
    const consumes = new Set(eventsOf(service));
    const consumed = { codec, consumes, prefix: settings.topicPrefix, group: `${service}.recovery` };
    const deliveries = await deliveriesOf(records, consumed);
    return deliveries.flatMap((delivery) =>
      'event' in delivery
        ? [{ event: delivery.event as OwnEvent<T>, traceparent: delivery.traceparent ?? freshTraceparent() }]
        : [],
    );
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
    for (const { event: own, traceparent } of published) {
      const { id, correlationId, causationId, time } = own;
      const command = takeBack.commandOf(own);
      let state = states.get(command);
      if (takeBack.sequenceOf(own, state) >= own.sequence) continue;
      taken++;
      const context = { id: causationId, correlationId, traceparent, at: new Date(time) };
      for (const event of takeBack.eventsOf(own, state)) {
        state = decider.evolve(state, event);
        recorded.push({ id, event, state, context });
        for (const effect of effects?.(event, state, context) ?? []) {
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
