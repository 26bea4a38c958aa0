import type { Catalog, CatalogEvent } from '@orderflow/console-api';
import { services } from '@orderflow/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { catalogQuery } from '../../api/queries.js';
import { useStore } from '../../live/store.js';
import { useAt } from '../../shell/clock.js';
import { useShortcuts } from '../../shell/keys.js';
import { zone } from '../../shell/settings.js';
import { classes, Failed, Note, panel, Skeleton, Tag } from '../../ui/parts.js';
import { PageHead } from '../../ui/PageHead.js';
import { instantOf, timeOf } from '../../words/format.js';
import { laneColour } from '../../words/services.js';
import css from './Catalog.module.css';
import { lastOf, newestOf, warningsOf } from './catalog.js';

export function CatalogPage() {
  const { data, error, refetch } = useQuery(catalogQuery(useAt()));
  useEffect(() => {
    document.title = 'Catalog · Orderflow';
  }, []);
  return (
    <div className={css.page}>
      <PageHead title="Catalog">
        Every event: the service that publishes it, the services that consume it, and the shape that it has. An event
        belongs to its publisher, and so does its schema.
      </PageHead>
      {data && <Warnings catalog={data} />}
      {data && <Matrix catalog={data} />}
      {error && !data && <Failed what="The catalog" error={error} retry={() => void refetch()} />}
      {!data && !error && (
        <div className={panel} style={{ padding: 18 }} aria-busy="true">
          <Skeleton height={36} count={12} />
        </div>
      )}
    </div>
  );
}

function Warnings({ catalog }: { catalog: Catalog }) {
  const shown = useStore(zone);
  const warnings = warningsOf(catalog, (at) => timeOf(at, shown).slice(0, 8));
  if (warnings.length === 0) return null;
  return (
    <Note tone="wait">
      {warnings.map((words) => (
        <p key={words}>{words}</p>
      ))}
    </Note>
  );
}

function Matrix({ catalog }: { catalog: Catalog }) {
  const table = useRef<HTMLTableElement>(null);
  const step = (by: number): void => {
    const links = [...(table.current?.querySelectorAll<HTMLElement>('tbody th a') ?? [])];
    const current = links.findIndex((link) => link === document.activeElement);
    const next = current === -1 && by < 0 ? links.length - 1 : current + by;
    links[Math.max(0, Math.min(links.length - 1, next))]?.focus();
  };
  useShortcuts([
    { keys: 'j', says: 'next event', run: () => step(1) },
    { keys: 'k', says: 'previous event', run: () => step(-1) },
  ]);
  return (
    <div className={classes(panel, css.matrixBox)}>
      <table ref={table} className={css.matrix}>
        <caption>Events and services</caption>
        <thead>
          <tr>
            <th scope="col">event</th>
            {services.map((service) => (
              <th key={service} scope="col" className={css.wideOnly}>
                {service}
              </th>
            ))}
            <th scope="col">version</th>
            <th scope="col">last seen</th>
          </tr>
        </thead>
        <tbody>
          {catalog.events.map((event) => (
            <EventRow key={event.type} event={event} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function EventRow({ event }: { event: CatalogEvent }) {
  const { type, owner, consumers, undoes, isInSaga } = event;
  const shown = useStore(zone);
  const last = lastOf(event);
  return (
    <tr>
      <th scope="row">
        <Link to="/catalog/$type" params={{ type }}>
          {type}
        </Link>
        <span className={css.narrowOnly}>
          {owner} → {consumers.join(', ') || 'no service'}
        </span>
        {(undoes.length > 0 || !isInSaga) && (
          <span className={css.part}>
            {isInSaga ? (
              <Tag tone="open" icon="undo">
                takes back {undoes.join(', ')}
              </Tag>
            ) : (
              <Tag tone="plain">beside the saga</Tag>
            )}
          </span>
        )}
      </th>
      {services.map((service) => (
        <td key={service} className={css.wideOnly} style={{ ['--lane' as string]: laneColour(service) }}>
          {owner === service && <span className={css.publishes}>publishes</span>}
          {consumers.includes(service) && <span className={css.consumes}>consumes</span>}
        </td>
      ))}
      <td>{newestOf(event).version}</td>
      <td>{last === null ? 'never' : instantOf(last.at, shown)}</td>
    </tr>
  );
}
