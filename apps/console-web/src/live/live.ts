import type { HelloFrame, OrderRow, OrdersFrame, Story } from '@orderflow/console-api';
import type { QueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { countsQuery, storyQuery } from '../api/queries.js';
import { session } from '../session/session.js';
import { type Connection, type Frame, Stream } from './stream.js';
import { Store } from './store.js';

/** What the header says about the connection and the journal. */
export const connection = new Store<Connection>({ state: 'connecting' });

/** How far the journal is behind the log, in milliseconds; 0 while nothing was said about it. */
export const behindMs = new Store(0);

type OnRows = (rows: readonly OrderRow[]) => void;

const rowListeners = new Set<OnRows>();
const openOrders = new Map<string, number>();
let stream: Stream | undefined;
let clockOffset = 0;

/** Changed orders, a few times a second, the last state of each. @returns a function that ends it */
export function onRows(listener: OnRows): () => void {
  rowListeners.add(listener);
  return () => rowListeners.delete(listener);
}

/** Connects the stream with the cache. @returns a function that ends it */
export function startLive(queries: QueryClient): () => void {
  stream = new Stream(
    (frame) => receive(frame, queries),
    (state) => connection.set(state),
  );
  const stop = stream.start();
  const unsubscribe = session.subscribe(() => (session.get().state === 'in' ? stream?.retryNow() : stream?.pause()));
  listen();
  return () => {
    unsubscribe();
    stop();
    stream = undefined;
  };
}

export const retryNow = (): void => stream?.retryNow();

/** Keeps the story of an order up to date while the component is mounted. */
export function useLiveOrder(orderId: string): void {
  useEffect(() => {
    openOrders.set(orderId, (openOrders.get(orderId) ?? 0) + 1);
    listen();
    return () => {
      const left = (openOrders.get(orderId) ?? 1) - 1;
      if (left > 0) openOrders.set(orderId, left);
      else openOrders.delete(orderId);
      listen();
    };
  }, [orderId]);
}

function listen(): void {
  stream?.listenTo(['orders', ...[...openOrders.keys()].map((id) => `order:${id}`)]);
}

function receive({ name, data }: Frame, queries: QueryClient): void {
  switch (name) {
    case 'hello':
      clockOffset = Date.parse((data as HelloFrame).now) - Date.now();
      // What happened between their answers and the beginning of the stream is in neither.
      for (const queryKey of [['story'], ['orders'], ['counts']]) void queries.invalidateQueries({ queryKey });
      return;
    case 'orders': {
      const { up, counts, through } = data as OrdersFrame;
      queries.setQueryData(countsQuery(undefined).queryKey, counts);
      behindMs.set(Math.max(0, Date.now() + clockOffset - Date.parse(through)));
      for (const listener of rowListeners) listener(up);
      return;
    }
    case 'order': {
      const story = data as Story;
      queries.setQueryData(storyQuery(story.order.orderId).queryKey, story);
      return;
    }
    case 'reset':
      void queries.invalidateQueries();
      return;
    default:
    // A later server may say more: what these pages do not know, they leave.
  }
}
