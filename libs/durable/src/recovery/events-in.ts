import type { Event, EventType } from '@orderflow/contracts';
import { deliveriesOf, type RawRecord } from '@orderflow/kafka';
import { freshTraceparent, type TraceContext } from '@orderflow/telemetry';
import type { Dependencies } from '../definition/dependencies.js';

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
