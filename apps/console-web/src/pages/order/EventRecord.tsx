import type { JournalEvent } from '@orderflow/console-api';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { eventQuery } from '../../api/queries.js';
import { useStore } from '../../live/store.js';
import { zone } from '../../shell/settings.js';
import { durationOf, instantOf } from '../../words/format.js';
import css from '../../ui/Drawer.module.css';

/** Where the event stands in the log, and its envelope. */
export function EventRecord({ event }: { event: JournalEvent }) {
  const { data, error } = useQuery(eventQuery(event.id));
  const shown = useStore(zone);
  const lag = Date.parse(event.recordedAt) - Date.parse(event.appendedAt);
  const pairs: readonly (readonly [string, ReactNode])[] = [
    ['record', <code>{`${event.topic}/${event.partition}/${event.offset}`}</code>],
    ['appended', `${instantOf(event.appendedAt, shown)}, by the broker's clock`],
    ['said', `${instantOf(event.saidAt, shown)}, by the clock of ${event.source}`],
    ['journal', `position ${event.position}, ${lag < 0 ? 'at once' : `${durationOf(lag)} after it was appended`}`],
    ['schema', `${event.type} ${event.schemaVersion}${data?.schemaId ? `, id ${data.schemaId}` : ''}`],
    ['size', data ? `${data.size.toLocaleString('en-GB')} bytes` : (error?.message ?? '…')],
    ['sequence', `${event.sequence} of ${event.source} about this order`],
    ['id', <code>{event.id}</code>],
    ['cause', <code>{event.causationId}</code>],
    ['correlation', <code>{event.correlationId}</code>],
    ['trace', event.traceId === null ? 'none' : <code>{event.traceId}</code>],
  ];
  return (
    <dl className={css.pairs}>
      {pairs.map(([name, value]) => (
        <div key={name} style={{ display: 'contents' }}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
