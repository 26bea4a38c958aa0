import type { OrderRow } from '@orderflow/console-api';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { ordersQuery } from '../../api/queries.js';
import { onRows } from '../../live/live.js';
import { fetched, noRows, changed, type Rows } from '../../live/rows.js';

export interface Recent {
  /** The newest orders, the newest first. */
  readonly rows: readonly OrderRow[];
  /** The end of the minute that the page shows, in milliseconds. */
  readonly until: number;
  readonly isLoading: boolean;
  readonly error: Error | null;
  readonly retry: () => void;
}

// A minute at 200 orders a second.
const MOST_ROWS = 12_000;
const TICK_MS = 1000;

/** The newest orders at an instant; those of now are kept up to date by the stream. */
export function useRecent(at: string | undefined): Recent {
  const { data, error, refetch, isPending } = useInfiniteQuery(ordersQuery({ at }));
  const [rows, setRows] = useState<Rows>(noRows);
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const page = data?.pages[0]?.items;
    if (page) setRows((before) => (at === undefined ? newest(fetched(noRows, page), before) : fetched(noRows, page)));
  }, [data, at]);
  useEffect(() => {
    if (at !== undefined) return undefined;
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    const stop = onRows((up) => setRows((before) => capped(changed(before, up, () => true, true))));
    return () => {
      clearInterval(timer);
      stop();
    };
  }, [at]);
  const until = at === undefined ? Math.max(now, Date.parse(rows.shown[0]?.placedAt ?? '') || 0) : Date.parse(at);
  return useMemo(
    () => ({ rows: rows.shown, until, isLoading: isPending, error, retry: () => void refetch() }),
    [rows, until, isPending, error, refetch],
  );
}

const capped = ({ shown, waiting }: Rows): Rows => ({ shown: shown.slice(0, MOST_ROWS), waiting });

/** A page that was fetched, with what the stream brought while it was under way. */
const newest = (page: Rows, before: Rows): Rows => capped(changed(page, before.shown, () => true, true));
