import type { Flow } from '@orderflow/console-api';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo } from 'react';
import { flowQuery } from '../../api/queries.js';
import { useStore } from '../../live/store.js';
import { useShortcuts } from '../../shell/keys.js';
import { zone } from '../../shell/settings.js';
import { Button, classes, Failed, Note, panel, Skeleton } from '../../ui/parts.js';
import { PageHead } from '../../ui/PageHead.js';
import { useMedia } from '../../ui/useMedia.js';
import { instantOf, timeOf } from '../../words/format.js';
import { troublesOf } from './figures.js';
import css from './Flow.module.css';
import { FlowMap } from './FlowMap.js';
import { FlowTables } from './FlowTables.js';
import { layoutOf, nodesOf } from './map.js';
import { Selected } from './Selected.js';

export function FlowPage() {
  const { at } = useSearch({ from: '/flow' });
  const { data, error, refetch, dataUpdatedAt } = useQuery(flowQuery(at));
  const shown = useStore(zone);
  useEffect(() => {
    document.title = 'Flow · Orderflow';
  }, []);
  return (
    <div className={css.page}>
      <PageHead title="Flow">
        Each service publishes to its own topic through its outbox; a consumer group reads the topics that its part of
        the saga needs.
      </PageHead>
      {error && data && (
        <Note tone="bad">
          <p>
            <strong>The console does not answer.</strong> These figures are of{' '}
            {timeOf(new Date(dataUpdatedAt).toISOString(), shown)}.
          </p>
        </Note>
      )}
      {error && !data && <Failed what="The flow" error={error} retry={() => void refetch()} />}
      {data && <Shown flow={data} isOld={error !== null} />}
      {!data && !error && (
        <div className={panel} style={{ padding: 18 }} aria-busy="true">
          <Skeleton height={64} count={6} gap={20} />
        </div>
      )}
    </div>
  );
}

function Shown({ flow, isOld }: { flow: Flow; isOld: boolean }) {
  const { view, node } = useSearch({ from: '/flow' });
  const navigate = useNavigate({ from: '/flow' });
  const shown = useStore(zone);
  const isNarrow = useMedia('(max-width: 860px)');
  const layout = useMemo(() => layoutOf(flow), [flow]);
  const set = (search: { view?: 'table' | undefined; node?: string | undefined }): void =>
    void navigate({ search: (before) => ({ ...before, ...search }), replace: true, resetScroll: false });
  const toggleView = (): void => set({ view: view === 'table' ? undefined : 'table' });
  const step = (by: number): void => {
    const all = nodesOf(layout);
    const current = all.findIndex(({ id }) => id === node);
    const next = current === -1 ? (by > 0 ? 0 : all.length - 1) : current + by;
    set({ node: all[Math.max(0, Math.min(all.length - 1, next))]?.id });
  };
  useShortcuts([
    { keys: 'j', says: 'next place of the map', run: () => step(1) },
    { keys: 'k', says: 'previous place of the map', run: () => step(-1) },
    { keys: 'Escape', says: 'no place selected', run: () => set({ node: undefined }) },
    { keys: 't', says: 'map or tables', run: toggleView },
  ]);
  const isTable = isNarrow || view === 'table';
  return (
    <>
      <Notes flow={flow} />
      <section
        className={classes(!isTable && panel, isOld && css.old)}
        aria-label="Services, topics and consumer groups"
      >
        <div className={css.head}>
          <h2>{spanWords(flow, (at) => instantOf(at, shown))}</h2>
          {!isNarrow && (
            <Button look="quiet" onClick={toggleView}>
              {isTable ? 'Show as a map' : 'Show as tables'} <kbd>t</kbd>
            </Button>
          )}
        </div>
        {isTable ? (
          <div className={css.tables}>
            <FlowTables flow={flow} />
          </div>
        ) : (
          <FlowMap flow={flow} layout={layout} selected={node} />
        )}
      </section>
      {!isTable && node !== undefined && (
        <section className={css.tables} aria-label="The selected place">
          <Selected flow={flow} node={node} />
        </section>
      )}
    </>
  );
}

function spanWords({ rates }: Flow, instant: (at: string) => string): string {
  if (rates.state !== 'known') return 'The last minute';
  return `The minute before ${instant(rates.value.until).replace('.000', '')}`;
}

function Notes({ flow }: { flow: Flow }) {
  const shown = useStore(zone);
  const troubles = troublesOf(flow, shown);
  const isBehind = flow.rates.state === 'known' && !flow.rates.value.complete;
  if (flow.at !== null)
    return (
      <Note tone="wait">
        <p>
          <strong>Only rates are known of then.</strong> They are counted in the journal. How much an outbox held, and
          how far a group had read, is kept nowhere.
        </p>
        {isBehind && <p>The journal had not read every topic up to then: the minute ends where it had.</p>}
      </Note>
    );
  return (
    <>
      {isBehind && (
        <Note tone="wait">
          <p>The journal is behind: rates are those of the minute that it has read last.</p>
        </Note>
      )}
      {(['bad', 'wait'] as const).map((tone) => {
        const lines = troubles.filter((it) => it.tone === tone);
        if (lines.length === 0) return null;
        return (
          <Note key={tone} tone={tone}>
            {lines.map(({ words }) => (
              <p key={words}>{words}</p>
            ))}
          </Note>
        );
      })}
      {troubles.length === 0 && !isBehind && (
        <p className={css.quiet}>Nothing is held back: every outbox drains, and every group keeps up.</p>
      )}
    </>
  );
}
