import type { OrderPage, OrderRow } from '@orderflow/console-api';
import type { InfiniteData } from '@tanstack/react-query';
import { useEffect, useMemo, useReducer } from 'react';
import { onRows } from '../../live/live.js';
import { changed, fetched, noRows, type Rows, takenIn } from '../../live/rows.js';
import type { OrdersSearch } from '../../search-params.js';

type Action =
  | { readonly type: 'fetched'; readonly rows: readonly OrderRow[] }
  | {
      readonly type: 'changed';
      readonly up: readonly OrderRow[];
      readonly filter: OrdersSearch;
      readonly follow: boolean;
    }
  | { readonly type: 'take in' };

export interface LiveRows extends Rows {
  readonly takeIn: () => void;
  /** While held, new rows wait. */
  readonly hold: (isHeld: boolean) => void;
}

/** Held while the pointer, the focus or the scroll position is in the table: a row never moves under the reader. */
let isHeld = false;
const hold = (held: boolean): void => {
  isHeld = held;
};

/** The fetched rows, kept up to date by the stream; in the past nothing changes. */
export function useRows(data: InfiniteData<OrderPage> | undefined, filter: OrdersSearch): LiveRows {
  const [rows, dispatch] = useReducer(reduce, noRows);
  useEffect(() => {
    if (data) dispatch({ type: 'fetched', rows: data.pages.flatMap(({ items }) => items) });
  }, [data]);
  const key = JSON.stringify(filter);
  useEffect(() => {
    const current = JSON.parse(key) as OrdersSearch;
    if (current.at !== undefined) return undefined;
    return onRows((up) => dispatch({ type: 'changed', up, filter: current, follow: !isHeld }));
  }, [key]);
  return useMemo(() => ({ ...rows, takeIn: () => dispatch({ type: 'take in' }), hold }), [rows]);
}

function reduce(rows: Rows, action: Action): Rows {
  switch (action.type) {
    case 'fetched':
      return fetched(rows, action.rows);
    case 'changed':
      return changed(rows, action.up, (row) => matches(row, action.filter), action.follow);
    case 'take in':
      return takenIn(rows);
  }
}

/**
 * Whether a new order belongs to the list. A row names neither its products nor what is parked of it: such a list takes in none
 * by itself.
 */
const matches = (row: OrderRow, { status, settled, reason, trouble, customerId, sku }: OrdersSearch): boolean =>
  sku === undefined &&
  trouble === undefined &&
  (reason === undefined || row.cancelReason === reason) &&
  (status === undefined || row.status === status) &&
  (settled === undefined || row.settled === (settled === 'true')) &&
  (customerId === undefined || row.customerId === customerId);
