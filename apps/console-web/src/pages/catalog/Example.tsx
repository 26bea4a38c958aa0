import type { CatalogEvent, CatalogVersion } from '@orderflow/console-api';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { eventQuery } from '../../api/queries.js';
import { useStore } from '../../live/store.js';
import { zone } from '../../shell/settings.js';
import { classes, Failed, panel, Skeleton } from '../../ui/parts.js';
import { instantOf } from '../../words/format.js';
import { EventData } from '../order/EventData.js';
import css from './Catalog.module.css';

/** The newest event of a version, as the journal has it. */
export function Example({ event, version }: { event: CatalogEvent; version: CatalogVersion }) {
  return (
    <section className={classes(panel, css.box)} aria-labelledby="example">
      <h2 id="example">Example</h2>
      {version.last === null ? (
        <p className={css.soft}>The journal has no event of version {version.version}.</p>
      ) : (
        <Recorded id={version.last.eventId} at={version.last.at} isOfOrder={event.key === 'order'} />
      )}
    </section>
  );
}

function Recorded({ id, at, isOfOrder }: { id: string; at: string; isOfOrder: boolean }) {
  const { data, error, refetch } = useQuery(eventQuery(id));
  const shown = useStore(zone);
  if (error && !data) return <Failed what="The example" error={error} retry={() => void refetch()} />;
  if (!data) return <Skeleton height={24} count={4} />;
  if (!data.event) return <p className={css.soft}>The newest event of this version cannot be decoded.</p>;
  const { subject } = data.event;
  return (
    <>
      <p className={css.soft}>
        The newest one, appended {instantOf(at, shown)}
        {isOfOrder && (
          <>
            , of the order{' '}
            <Link to="/orders/$orderId" params={{ orderId: subject }} search={{ event: id }}>
              {subject}
            </Link>
          </>
        )}
        . E-mail addresses are masked.
      </p>
      <EventData event={data.event} />
    </>
  );
}
