import type { Catalog, CatalogEvent, CatalogVersion } from '@orderflow/console-api';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';
import { catalogQuery } from '../../api/queries.js';
import { useStore } from '../../live/store.js';
import { useShortcuts } from '../../shell/keys.js';
import { zone } from '../../shell/settings.js';
import { classes, Failed, panel, Skeleton } from '../../ui/parts.js';
import { PageHead } from '../../ui/PageHead.js';
import { timeOf } from '../../words/format.js';
import css from './Catalog.module.css';
import { newestOf, registeredOf, RULE } from './catalog.js';
import { Example } from './Example.js';
import { Fields } from './Fields.js';
import { Place } from './Place.js';

const from = '/catalog/$type';

/** One event of the catalog. */
export function CatalogEventPage() {
  const type = useParams({ from, select: (params) => params.type });
  const { at, version } = useSearch({ from });
  const navigate = useNavigate();
  const { data, error, refetch } = useQuery(catalogQuery(at));
  const all = data?.events ?? [];
  const index = all.findIndex((it) => it.type === type);
  const goTo = (next: number): void => {
    const target = all[next];
    if (target) void navigate({ to: from, params: { type: target.type } });
  };
  useEffect(() => {
    document.title = `${type} · Orderflow`;
  }, [type]);
  useShortcuts([
    { keys: ']', says: 'next event of the catalog', run: () => goTo(index + 1) },
    { keys: '[', says: 'previous event of the catalog', run: () => goTo(index - 1) },
    { keys: 'Escape', says: 'back to the catalog', run: () => void navigate({ to: '/catalog' }) },
  ]);
  const event = all[index];
  return (
    <div className={css.page}>
      <p className={css.crumb}>
        <Link to="/catalog">‹ Catalog</Link>
      </p>
      <PageHead title={<bdi>{type}</bdi>} />
      {error && !data && <Failed what="The catalog" error={error} retry={() => void refetch()} />}
      {!data && !error && <Skeleton height={28} count={8} />}
      {data && !event && <p>The catalog has no event of this name.</p>}
      {data && event && <Event catalog={data} event={event} version={version} />}
    </div>
  );
}

function Event({ catalog, event, version }: { catalog: Catalog; event: CatalogEvent; version: string | undefined }) {
  const shownVersion = event.versions.find((it) => it.version === version) ?? newestOf(event);
  return (
    <>
      <p className={css.leadText}>{textOf(shownVersion.schema['doc'])}</p>
      <Place event={event} />
      <section className={classes(panel, css.box)} aria-labelledby="shape">
        <div className={css.boxHead}>
          <h2 id="shape">Shape</h2>
          <nav className={css.versions} aria-label="Versions">
            {event.versions.map(({ version: name }) => (
              <Link
                key={name}
                to="."
                search={(before) => ({ ...before, version: name === newestOf(event).version ? undefined : name })}
                replace
                resetScroll={false}
                data-shown={name === shownVersion.version}
                aria-label={`Version ${name}${name === shownVersion.version ? ', shown' : ''}`}
              >
                {name}
              </Link>
            ))}
          </nav>
        </div>
        <Compatibility catalog={catalog} event={event} />
        <Fields versions={event.versions} version={shownVersion.version} />
        <Schema version={shownVersion} />
      </section>
      <Example event={event} version={shownVersion} />
    </>
  );
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function Compatibility({ catalog, event }: { catalog: Catalog; event: CatalogEvent }) {
  const shown = useStore(zone);
  const { registry } = catalog;
  const known = registeredOf(catalog, event.type);
  const rule = `Every version reads every other (${RULE}): a released schema is never edited, and a new field has a default.`;
  if (registry.state === 'not_kept') return <p className={css.soft}>{rule}</p>;
  if (registry.state === 'unknown')
    return (
      <p className={css.soft}>
        {rule} Whether the registry demands it is not known since {timeOf(registry.since, shown).slice(0, 8)}.
      </p>
    );
  return (
    <p className={css.soft}>
      {known?.rule === RULE
        ? `${rule} The registry demands it.`
        : `The registry has the rule ${known?.rule ?? 'none'}, not ${RULE}.`}{' '}
      {known?.schemaId === null
        ? 'It has not the newest version.'
        : `It has the newest version under the id ${known?.schemaId}.`}
    </p>
  );
}

const Schema = ({ version }: { version: CatalogVersion }) => (
  <details className={css.schema}>
    <summary>The schema of version {version.version} as Avro</summary>
    <pre tabIndex={0}>{JSON.stringify(version.schema, null, 2)}</pre>
  </details>
);
