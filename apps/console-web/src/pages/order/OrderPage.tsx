import type { Story } from '@orderflow/console-api';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useMemo } from 'react';
import { storyQuery } from '../../api/queries.js';
import { useLiveOrder } from '../../live/live.js';
import { useSetAt } from '../../shell/clock.js';
import { useShortcuts } from '../../shell/keys.js';
import { Button, classes, panel } from '../../ui/parts.js';
import { useMedia } from '../../ui/useMedia.js';
import { EventList } from './EventList.js';
import { Facts } from './Facts.js';
import { Headline } from './Headline.js';
import { Lanes } from './lanes/Lanes.js';
import { LettersOfOrder } from './LettersOfOrder.js';
import { Lines } from './Lines.js';
import { inOrderOfTheLog, instantsOf, momentOf } from './moment.js';
import css from './Order.module.css';
import { BeforeItExisted, OrderFailed, OrderLoading, OtherRecords } from './states.js';

const EventDrawer = lazy(async () => import('./EventDrawer.js'));

export function OrderPage() {
  const orderId = useParams({ from: '/orders/$orderId', select: (params) => params.orderId });
  useLiveOrder(orderId);
  const { data, error, refetch } = useQuery(storyQuery(orderId));
  if (data) return <OrderStory key={orderId} story={data} />;
  if (error) return <OrderFailed orderId={orderId} error={error} retry={() => void refetch()} />;
  return <OrderLoading orderId={orderId} />;
}

function OrderStory({ story }: { story: Story }) {
  const { at, event: selected, tab, view } = useSearch({ from: '/orders/$orderId' });
  const navigate = useNavigate({ from: '/orders/$orderId' });
  const setAt = useSetAt();
  // There is no room for lanes side by side.
  const isNarrow = useMedia('(max-width: 760px)');
  // The event lies over the page instead of beside it.
  const isCovered = useMedia('(max-width: 1099px)');
  const all = useMemo(() => inOrderOfTheLog(story.events), [story.events]);
  const instants = useMemo(() => instantsOf(all), [all]);
  const moment = useMemo(() => momentOf(all, at), [all, at]);
  const index = at === undefined ? instants.length - 1 : instants.findLastIndex((it) => it <= at);

  const select = (id: string | undefined): void =>
    void navigate({ search: (before) => ({ ...before, event: id }), replace: true, resetScroll: false });
  const goTo = (next: number): void => {
    const stop = Math.max(0, Math.min(instants.length - 1, next));
    // At its last event the page goes on with the order.
    setAt(stop === instants.length - 1 ? undefined : instants[stop]);
  };
  const step = (by: number): void => {
    const current = moment.events.findIndex(({ id }) => id === selected);
    const next = current === -1 ? (by > 0 ? 0 : moment.events.length - 1) : current + by;
    const target = moment.events[Math.max(0, Math.min(moment.events.length - 1, next))];
    if (target) select(target.id);
  };
  const toggleView = (): void =>
    void navigate({
      search: (before) => ({ ...before, view: view === 'list' ? undefined : 'list' }),
      replace: true,
      resetScroll: false,
    });
  const moveSeconds = (seconds: number): void => {
    const from = Date.parse(at ?? instants.at(-1) ?? '');
    setAt(new Date(from + seconds * 1000).toISOString());
  };
  useShortcuts([
    { keys: 'j', says: 'next event', run: () => step(1) },
    { keys: 'k', says: 'previous event', run: () => step(-1) },
    { keys: 'Escape', says: 'close the event', run: () => select(undefined) },
    { keys: 'ArrowRight', says: 'one event later', run: () => goTo(index + 1) },
    { keys: 'ArrowLeft', says: 'one event earlier', run: () => goTo(index - 1) },
    { keys: 'Shift+ArrowRight', says: 'one second later', run: () => moveSeconds(1) },
    { keys: 'Shift+ArrowLeft', says: 'one second earlier', run: () => moveSeconds(-1) },
    { keys: 'Home', says: 'the first event', run: () => goTo(0) },
    { keys: 'End', says: 'the last event', run: () => goTo(instants.length - 1) },
    { keys: 't', says: 'lanes or list', run: toggleView },
  ]);

  const event = all.find(({ id }) => id === selected);
  const first = instants[0];
  if (first === undefined) return <OrderLoading orderId={story.order.orderId} />;
  const isList = isNarrow || view === 'list';
  const shared = { all, moment, instants, index, isPast: at !== undefined, selected, onSelect: select, onTime: goTo };
  return (
    <div className={classes(event && css.withDrawer)}>
      <div className={css.page} inert={isCovered && event !== undefined}>
        <Headline story={story} moment={moment} at={at} />
        {at === undefined && <LettersOfOrder orderId={story.order.orderId} />}
        {moment.events.length === 0 ? (
          <BeforeItExisted first={first} onGo={() => setAt(first)} />
        ) : (
          <Facts story={story} moment={moment} isPast={at !== undefined} />
        )}
        <section className={panel} aria-label="What happened">
          {!isNarrow && (
            <div className={css.panelHead}>
              <h2>What happened</h2>
              <Button look="quiet" onClick={toggleView}>
                {isList ? 'Show as lanes' : 'Show as a list'} <kbd>t</kbd>
              </Button>
            </div>
          )}
          {isList ? <EventList {...shared} /> : <Lanes {...shared} />}
        </section>
        <OtherRecords records={story.others} />
        <Lines order={story.order} />
      </div>
      {event && (
        <Suspense>
          <EventDrawer
            event={event}
            all={all}
            tab={tab}
            isCovering={isCovered}
            onClose={() => select(undefined)}
            onSelect={select}
          />
        </Suspense>
      )}
    </div>
  );
}
