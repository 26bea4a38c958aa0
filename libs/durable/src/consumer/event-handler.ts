import type { MessageContext } from '@orderflow/decider';
import type { Delivery } from '@orderflow/kafka';
import { type OpenSpan, startSpan, traceIdOf } from '@orderflow/telemetry';
import type { Event, EventType } from '@orderflow/contracts';
import { type Clock, systemClock } from '../base/clock.js';
import { processDuration } from '../base/metrics.js';
import type { Incoming, Outcome } from '../definition/service.js';

type Reaction<Command> = (event: Event) => Command;

/**
 * From what the wire gives to what the handler takes: a span for each message, the reaction that turns the event into a
 * command, and the outcome of all of them.
 */
export class EventHandler<State, Command> {
  /**
   * @param group the consumer group
   * @param reactions by event type
   * @param submit resolves once committed; rejects when the world is bad
   */
  constructor(
    private readonly group: string,
    private readonly reactions: Readonly<Partial<Record<EventType, unknown>>>,
    private readonly submit: (incoming: Incoming<Command>) => Promise<Outcome<State>>,
    private readonly log: Log,
    private readonly clock: Clock = systemClock,
  ) {}

  /** Resolves when all of them are handled, parked or known. @throws TransientError: then all are to be delivered again */
  async deliver(deliveries: readonly Delivery[], parkedId?: string): Promise<readonly Outcome<State>[]> {
    const results = await Promise.allSettled(deliveries.map((delivery) => this.one(delivery, parkedId)));
    return results.map((result) => {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    });
  }

  private async one(delivery: Delivery, parkedId: string | undefined): Promise<Outcome<State>> {
    const span = processSpan(delivery, this.group);
    const since = performance.now();
    const observe = (outcome: string) =>
      processDuration.observe(
        { messaging_destination_name: delivery.record.topic, messaging_consumer_group_name: this.group, outcome },
        (performance.now() - since) / 1000,
        span.traceparent,
      );
    try {
      const outcome = await this.submit(this.incomingOf(delivery, span.traceparent, parkedId));
      this.tell(delivery, outcome, span);
      observe(outcome.kind);
      return outcome;
    } catch (error) {
      span.end(error);
      observe('retried');
      throw error;
    }
  }

  /** @param traceparent what the command leads to goes on with it */
  incomingOf(delivery: Delivery, traceparent: string, parkedId: string | undefined): Incoming<Command> {
    const { record } = delivery;
    const retry = parkedId === undefined ? {} : { parkedId };
    if ('bad' in delivery)
      return {
        kind: 'undecodable',
        subject: keyOf(record.key),
        record,
        why: 'undecodable',
        reason: `${delivery.bad}: ${delivery.detail}`,
        ...retry,
      };
    const { event } = delivery;
    const context: MessageContext = {
      id: event.id,
      correlationId: event.correlationId,
      traceparent,
      at: new Date(this.clock.now()),
    };
    try {
      const command = (this.reactions[event.type] as Reaction<Command>)(event);
      return { kind: 'event', command, context, subject: event.subject, record, ...retry };
    } catch (error) {
      return {
        kind: 'undecodable',
        subject: event.subject,
        record,
        why: 'refused',
        reason: `no reaction: ${String(error)}`,
        ...retry,
      };
    }
  }

  /** One line of log, and the end of the span. */
  private tell(delivery: Delivery, outcome: Outcome<State>, span: OpenSpan): void {
    const { topic, partition, offset } = delivery.record;
    const event = 'event' in delivery ? delivery.event : undefined;
    const fields = {
      topic,
      partition,
      offset,
      eventId: event?.id,
      type: event?.type,
      orderId: event?.subject,
      group: this.group,
      traceId: traceIdOf(span.traceparent),
    };
    if (outcome.kind === 'parked') this.log.warn({ ...fields, why: outcome.why, reason: outcome.reason }, 'parked');
    else this.log.info(fields, outcome.kind);
    span.set({
      'orderflow.handled': outcome.kind,
      ...(outcome.kind === 'done' && outcome.ending !== undefined && { 'orderflow.outcome': outcome.ending }),
    });
    span.end(outcome.kind === 'parked' ? new Error(outcome.reason) : undefined);
  }
}

/** What the eventHandler needs of a logger (pino's shape). */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** A subject for the queue of a record that cannot be read: its key as far as it is text. */
const keyOf = (key: Buffer | null): string => (key?.toString('utf8') ?? '').replace(/[^\x20-\x7e]/g, '?').slice(0, 256);

function processSpan(delivery: Delivery, group: string): OpenSpan {
  const { record, traceparent } = delivery;
  return startSpan(`process ${record.topic}`, {
    kind: 'consumer',
    traceparent,
    attributes: () => ({
      'messaging.system': 'kafka',
      'messaging.operation.type': 'process',
      'messaging.consumer.group.name': group,
      'messaging.destination.name': record.topic,
      'messaging.destination.partition.id': String(record.partition),
      'messaging.kafka.offset': Number(record.offset),
      ...('event' in delivery
        ? {
            'messaging.message.id': delivery.event.id,
            'messaging.kafka.message.key': delivery.event.subject,
            'orderflow.order.id': delivery.event.subject,
            'cloudevents.event_type': delivery.event.type,
          }
        : {}),
    }),
  });
}
