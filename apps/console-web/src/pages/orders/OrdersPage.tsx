import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect } from 'react';
import { countsQuery, isKnownAt, ordersQuery, troublesQuery } from '../../api/queries.js';
import type { OrdersSearch } from '../../search-params.js';
import { PAST } from '../../session/refusals.js';
import { useShortcuts } from '../../shell/keys.js';
import { PageHead } from '../../ui/PageHead.js';
import { Button, classes, Failed, Note, panel, Skeleton } from '../../ui/parts.js';
import { reasonWords, troubleWords } from '../../words/facts.js';
import { FilterBar } from './FilterBar.js';
import css from './Orders.module.css';
import { OrderTable } from './OrderTable.js';
import { PlaceForm } from './PlaceForm.js';
import { useRows } from './useRows.js';

export function OrdersPage() {
  const { place, ...filter } = useSearch({ from: '/orders' });
  const navigate = useNavigate({ from: '/orders' });
  const list = useInfiniteQuery(ordersQuery(filter));
  const { data: counts } = useQuery(countsQuery(filter.at));
  const { data: troubles } = useQuery(troublesQuery(filter.at));
  const rows = useRows(list.data, filter);
  const { fetchNextPage, isFetchingNextPage } = list;
  const loadMore = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, isFetchingNextPage]);
  useEffect(() => {
    document.title = 'Orders · Orderflow';
  }, []);
  const setPlacing = (isOpen: boolean): void =>
    void navigate({ search: (before) => ({ ...before, place: isOpen ? '1' : undefined }), replace: true });
  const isPast = filter.at !== undefined;
  useShortcuts([{ keys: 'c', says: 'place an order', run: () => !isPast && setPlacing(true) }]);
  return (
    <>
      <div className={css.top}>
        <PageHead title="Orders" />
        <Button
          look="primary"
          icon="plus"
          disabled={isPast}
          title={isPast ? PAST : undefined}
          onClick={() => setPlacing(true)}
        >
          Place an order
        </Button>
      </div>
      <FilterBar filter={filter} counts={counts} troubles={troubles} />
      {list.error && <OldRows error={list.error} hasRows={rows.shown.length > 0} retry={() => void list.refetch()} />}
      {!isKnownAt(filter) ? (
        <NotKnown filter={filter} />
      ) : list.isPending ? (
        <div className={panel} style={{ padding: 14 }} role="status" aria-label="Orders are being read">
          <Skeleton height={34} count={12} gap={10} />
        </div>
      ) : rows.shown.length > 0 ? (
        <OrderTable rows={rows} hasMore={list.hasNextPage} loadMore={loadMore} />
      ) : (
        !list.error && <Empty filter={filter} />
      )}
      {place === '1' && !isPast && <PlaceForm onClose={() => setPlacing(false)} />}
    </>
  );
}

function OldRows({ error, hasRows, retry }: { error: Error; hasRows: boolean; retry: () => void }) {
  if (!hasRows) return <Failed what="The list" error={error} retry={retry} />;
  return (
    <div style={{ marginBottom: 12 }}>
      <Note tone="wait">
        <p>The rows below are old: {error.message}</p>
      </Note>
    </div>
  );
}

/** A link into the past may ask for what nothing has kept. */
const NotKnown = ({ filter }: { filter: OrdersSearch }) => (
  <div className={classes(panel, css.empty)}>
    <p>Which orders were in this trouble is not known any more.</p>
    <p>
      <Link to="/orders" search={{ ...filter, at: undefined }}>
        Those of now
      </Link>
    </p>
    <p>
      <Link to="/orders" search={{ ...filter, trouble: 'overdue' }}>
        Those that were overdue
      </Link>
    </p>
  </div>
);

function Empty({ filter }: { filter: OrdersSearch }) {
  const set = filters.filter((name) => filter[name] !== undefined);
  if (set.length === 0) {
    return (
      <div className={classes(panel, css.empty)}>
        <p>{filter.at === undefined ? 'There is no order yet.' : 'There was no order yet.'}</p>
        <p>
          <Link to="/">Now</Link> has five to begin with.
        </p>
      </div>
    );
  }
  return (
    <div className={classes(panel, css.empty)}>
      <p>
        No order matches <bdi>{set.map((name) => words(name, filter)).join(' and ')}</bdi>.
      </p>
      {set.map((name) => (
        <p key={name}>
          <Link to="/orders" search={{ ...filter, [name]: undefined }}>
            Without {words(name, filter)}
          </Link>
        </p>
      ))}
    </div>
  );
}

const filters = ['status', 'settled', 'reason', 'trouble', 'customerId', 'sku'] as const;

function words(name: (typeof filters)[number], filter: OrdersSearch): string {
  if (name === 'settled') return filter.settled === 'true' ? 'settled' : 'under way';
  if (name === 'status') return filter.status ?? '';
  if (name === 'reason') return reasonWords[filter.reason ?? 'unknown'];
  if (name === 'trouble') return troubleWords[filter.trouble ?? 'any'];
  return `${name === 'sku' ? 'product' : 'customer'} “${filter[name]}”`;
}
