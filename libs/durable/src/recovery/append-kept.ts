import type { EventBody, Service } from '@orderflow/contracts';
import type { OutgoingRecord } from '@orderflow/kafka';
import { reasonOf } from '../base/failures.js';
import type { Dependencies } from '../definition/dependencies.js';
import { toRecord } from '../transaction/to-record.js';
import type { KeptEvent, KeptSubject } from './kept-events.js';

/** What became of kept events. */
export interface Appended {
  readonly events: readonly KeptEvent[];
  /** Events that the newest schema does not accept, a line each. */
  readonly unreadable: readonly string[];
}

/**
 * Appends kept events to the outbox, with the ids, numbers and times that they had.
 * @param from leaves out events before this time (ISO 8601 UTC)
 */
export async function appendKept<Tx>(
  tx: Tx,
  subjects: readonly KeptSubject[],
  service: Service,
  dependencies: Pick<Dependencies<Tx>, 'store' | 'codec' | 'settings'>,
  from = '',
): Promise<Appended> {
  const { outbox } = dependencies.store;
  const events: KeptEvent[] = [];
  const records: OutgoingRecord[] = [];
  const unreadable: string[] = [];
  for (const { subject, events: kept } of subjects)
    for (const event of kept.filter(({ time }) => time >= from))
      try {
        records.push(recordOf(subject, event, service, dependencies));
        events.push(event);
      } catch (error) {
        unreadable.push(`${event.type} ${event.sequence} of ${subject}: ${reasonOf(error)}`);
      }
  // An event that waits in the outbox takes its place among the others of its subject.
  await outbox.published(
    tx,
    events.map(({ id }) => id),
  );
  await outbox.append(tx, records);
  return { events, unreadable };
}

function recordOf(
  subject: string,
  { id, type, data, sequence, time, causationId, ...of }: KeptEvent,
  service: Service,
  dependencies: Pick<Dependencies<never>, 'codec' | 'settings'>,
): OutgoingRecord {
  const context = { id: causationId, ...of, at: new Date(time) };
  const publish = { type, data } as EventBody;
  return toRecord({ publish, subject, sequence }, service, { id, context }, dependencies);
}
