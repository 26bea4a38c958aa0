import type { Event, EventType } from '@orderflow/contracts';
import { deliveriesOf, type RawRecord } from '@orderflow/kafka';
import type { ServiceTypes } from '@orderflow/decider';
import { freshTraceparent, type TraceContext } from '@orderflow/telemetry';
import type { Dependencies } from '../definition/dependencies.js';
import type { ConsumerDefinition } from '../definition/service-definition.js';
import type { IncomingCommand } from '../transaction/incoming.js';

/** An event with the trace of its record. */
export interface Traced<E = Event> {
  readonly event: E;
  readonly trace: TraceContext;
}

/**
 * The events of these types in these records, in order. A record that is no valid event is left out: no consumer could process it.
 * @param service names the reader in metrics
 * @throws TransientError when the registry does not answer
 */
export async function eventsIn(
  records: readonly RawRecord[],
  types: readonly EventType[],
  service: string,
  { codec, settings }: Pick<Dependencies<never>, 'codec' | 'settings'>,
): Promise<Traced[]> {
  const consumed = { codec, consumes: new Set(types), prefix: settings.topicPrefix, group: `${service}.recovery` };
  const deliveries = await deliveriesOf(records, consumed);
  return deliveries.flatMap((delivery) =>
    'event' in delivery
      ? [{ event: delivery.event, trace: delivery.trace ?? { traceparent: freshTraceparent() } }]
      : [],
  );
}

/** The command that an event leads to, apart from inbox, parking and offsets: these are of records that a group consumes. */
export function commandOf<T extends ServiceTypes>(
  reactions: ConsumerDefinition<T>['reactions'],
  { event, trace }: Traced,
  clock: Dependencies['clock'],
): IncomingCommand<T['command']> {
  const react = reactions[event.type] as (event: Event) => T['command'];
  const { id, correlationId } = event;
  const context = { id, correlationId, ...trace, at: new Date(clock.now()) };
  return { kind: 'command', command: react(event), context };
}
