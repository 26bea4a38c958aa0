import type { ServiceTypes } from '@orderflow/decider';
import type { Event } from '@orderflow/contracts';
import { deliveriesOf, type Delivery, type RawRecord } from '@orderflow/kafka';
import { type OpenSpan, startSpan, traceIdOf } from '@orderflow/telemetry';
import { processDuration } from '../base/metrics.js';
import { subjectAttribute, subjectField } from '../base/subject-names.js';
import type { Dependencies } from '../definition/dependencies.js';
import { recordId } from '../inbox/inbox.js';
import { type ConsumerDefinition, typesOf } from '../definition/service-definition.js';
import type { Commands } from '../transaction/commands.js';
import type { Incoming, Outcome } from '../transaction/incoming.js';
import { Suspects, type Tried } from './suspects.js';

/** Turns deliveries into commands by the reactions of a consumer group, with a span and a log line for each. */
export class EventHandler<T extends ServiceTypes = ServiceTypes> {
  private readonly suspects: Suspects<Outcome<T['state']>>;

  constructor(
    private readonly definition: Pick<ConsumerDefinition<T, never>, 'consumer' | 'reactions'>,
    private readonly commands: Pick<Commands<T, never>, 'submit'>,
    private readonly dependencies: Pick<Dependencies<never>, 'codec' | 'clock' | 'log' | 'settings'>,
    /** Rejects while the database does not answer. */
    probe: () => Promise<unknown>,
  ) {
    this.suspects = new Suspects(
      {
        handle: (tried, isAlone) => this.deliverOne(tried, isAlone),
        park: (tried, reason) => this.commands.submit(this.toPark(tried, reason), true),
        probe,
      },
      dependencies.log,
    );
  }

  /**
   * Resolves when all deliveries are handled, parked or known. @throws TransientError when all must be delivered again
   * @param parkedId of the row, when this is the retry of one delivery
   */
  async deliver(deliveries: readonly Delivery[], parkedId?: string): Promise<readonly Outcome<T['state']>[]> {
    return this.suspects.deliver(deliveries.map((delivery) => ({ delivery, parkedId })));
  }

  /** Decodes a parked record. @returns undefined where its type is not consumed. @throws an error that is not the record's fault */
  async decode(record: RawRecord): Promise<Delivery | undefined> {
    const { codec, settings } = this.dependencies;
    const { consumer } = this.definition;
    const consumes = new Set(typesOf(this.definition));
    const [delivery] = await deliveriesOf([record], { codec, consumes, prefix: settings.topicPrefix, group: consumer });
    return delivery;
  }

  /** @param traceparent the context of everything that the command leads to */
  incomingOf(delivery: Delivery, traceparent: string, parkedId: string | undefined): Incoming<T['command']> {
    const { record } = delivery;
    const retry = parkedId === undefined ? {} : { parkedId };
    if ('bad' in delivery) {
      const reason = `${delivery.bad}: ${delivery.detail}`;
      return { kind: 'undecodable', why: 'undecodable', subject: subjectOf(record), record, reason, ...retry };
    }
    const { id, correlationId, subject, type } = delivery.event;
    const at = new Date(this.dependencies.clock.now());
    const context = { id, correlationId, ...delivery.trace, traceparent, at };
    try {
      const react = this.definition.reactions[type] as (event: Event) => T['command'];
      return { kind: 'event', command: react(delivery.event), context, subject, record, ...retry };
    } catch (error) {
      const reason = `no reaction: ${String(error)}`;
      return { kind: 'undecodable', why: 'refused', subject, record, reason, ...retry };
    }
  }

  private toPark({ delivery, parkedId }: Tried, reason: string): Incoming<T['command']> {
    const { record } = delivery;
    const subject = 'event' in delivery ? delivery.event.subject : subjectOf(record);
    return {
      kind: 'undecodable',
      why: 'refused',
      subject,
      record,
      reason,
      ...(parkedId !== undefined && { parkedId }),
    };
  }

  private async deliverOne({ delivery, parkedId }: Tried, isAlone: boolean): Promise<Outcome<T['state']>> {
    const { consumer } = this.definition;
    const { clock } = this.dependencies;
    const span = processSpan(delivery, consumer);
    const since = clock.elapsed();
    const observe = (outcome: string) =>
      processDuration.observe(
        { messaging_destination_name: delivery.record.topic, messaging_consumer_group_name: consumer, outcome },
        (clock.elapsed() - since) / 1000,
        span.traceparent,
      );
    try {
      const outcome = await this.commands.submit(this.incomingOf(delivery, span.traceparent, parkedId), isAlone);
      this.report(delivery, outcome, span);
      observe(outcome.kind);
      return outcome;
    } catch (error) {
      span.end(error);
      observe('retried');
      throw error;
    }
  }

  /** Writes the log line and ends the span. */
  private report(delivery: Delivery, outcome: Outcome<T['state']>, span: OpenSpan): void {
    const { log } = this.dependencies;
    const { topic, partition, offset } = delivery.record;
    const event = 'event' in delivery ? delivery.event : undefined;
    const fields = {
      topic,
      partition,
      offset,
      eventId: event?.id,
      type: event?.type,
      ...(event && subjectField(event.type, event.subject)),
      group: this.definition.consumer,
      traceId: traceIdOf(span.traceparent),
    };
    if (outcome.kind === 'parked') log.warn({ ...fields, why: outcome.why, reason: outcome.reason }, 'parked');
    else log.info(fields, outcome.kind);
    span.set({
      'orderflow.handled': outcome.kind,
      ...(outcome.kind === 'done' && outcome.ending !== undefined && { 'orderflow.outcome': outcome.ending }),
    });
    span.end(outcome.kind === 'parked' ? new Error(outcome.reason) : undefined);
  }
}

/** The subject of an undecodable record: its key, as far as it is printable. Without a key it has a queue of its own. */
function subjectOf(record: RawRecord): string {
  const key = record.key?.toString('utf8') ?? '';
  // guard: a record without a key holds up no other one
  return key === '' ? recordId(record) : key.replace(/[^\x20-\x7e]/g, '?').slice(0, 256);
}

function processSpan(delivery: Delivery, group: string): OpenSpan {
  const { record, trace } = delivery;
  return startSpan(`process ${record.topic}`, {
    kind: 'consumer',
    ...trace,
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
            ...subjectAttribute(delivery.event.type, delivery.event.subject),
            'cloudevents.event_type': delivery.event.type,
          }
        : {}),
    }),
  });
}
