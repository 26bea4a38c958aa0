import type {
  Breaks,
  Catalog,
  Day,
  Flow,
  Me,
  OrderCounts,
  OrderPage,
  RecordedEvent,
  SearchAnswer,
  Story,
} from '@orderflow/console-api';
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ask, withQuery } from './client.js';

/** The filters of the list, as they stand in its URL. */
export interface OrderFilter {
  readonly status?: 'placed' | 'confirmed' | 'cancelled' | undefined;
  readonly settled?: 'true' | 'false' | undefined;
  readonly customerId?: string | undefined;
  readonly sku?: string | undefined;
  readonly at?: string | undefined;
}

const PAGE = 100;

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async ({ signal }) => ask<Me>('/api/me', { signal }),
  staleTime: Infinity,
});

export const storyPath = (orderId: string): string => `/api/orders/${encodeURIComponent(orderId)}/story`;

/** Always the whole story: the page folds it at any instant itself, with the function that the server uses. */
export const storyQuery = (orderId: string) =>
  queryOptions({
    queryKey: ['story', orderId],
    queryFn: async ({ signal }) => ask<Story>(storyPath(orderId), { signal }),
  });

export const ordersQuery = (filter: OrderFilter) =>
  infiniteQueryOptions({
    queryKey: ['orders', filter],
    queryFn: async ({ pageParam, signal }) =>
      ask<OrderPage>(withQuery('/api/orders', { ...filter, limit: PAGE, after: pageParam }), { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
  });

export const countsQuery = (at: string | undefined) =>
  queryOptions({
    queryKey: ['counts', at ?? 'now'],
    queryFn: async ({ signal }) => ask<OrderCounts>(withQuery('/api/orders/counts', { at }), { signal }),
    placeholderData: keepPreviousData,
  });

const WATCHED_MS = 1_000;
const UNWATCHED_MS = 15_000;

/** The day at the shop: anybody may begin or stop it. */
export const dayQuery = queryOptions({
  queryKey: ['day'],
  queryFn: async ({ signal }) => ask<Day>('/api/day', { signal }),
  refetchInterval: ({ state }) => (state.data?.state === 'under_way' ? WATCHED_MS : UNWATCHED_MS),
});

const FLOW_POLL_MS = 1000;

/** Gauges have no history to resume: they are asked for anew. The server asks the parts once for all pages. */
export const flowQuery = (at: string | undefined) =>
  queryOptions({
    queryKey: ['flow', at ?? 'now'],
    queryFn: async ({ signal }) => ask<Flow>(withQuery('/api/flow', { at }), { signal }),
    refetchInterval: at === undefined ? FLOW_POLL_MS : false,
    // The next answer is a second away.
    retry: false,
  });

export const catalogQuery = (at: string | undefined) =>
  queryOptions({
    queryKey: ['catalog', at ?? 'now'],
    queryFn: async ({ signal }) => ask<Catalog>(withQuery('/api/catalog', { at }), { signal }),
  });

const isEventful = ({ parts }: Breaks): boolean =>
  parts.some(({ isBroken, healing }) => isBroken || (healing !== null && healing.waiting > 0));

/** What is broken outside of the services: the end of a break comes by itself. */
export const breaksQuery = queryOptions({
  queryKey: ['breaks'],
  queryFn: async ({ signal }) => ask<Breaks>('/api/breaks', { signal }),
  refetchInterval: ({ state }) => (state.data && isEventful(state.data) ? WATCHED_MS : UNWATCHED_MS),
});

/** An event never changes. */
export const eventQuery = (id: string) =>
  queryOptions({
    queryKey: ['event', id],
    queryFn: async ({ signal }) => ask<RecordedEvent>(`/api/events/${encodeURIComponent(id)}`, { signal }),
    staleTime: Infinity,
  });

export const searchQuery = (q: string) =>
  queryOptions({
    queryKey: ['search', q],
    queryFn: async ({ signal }) => ask<SearchAnswer>(withQuery('/api/search', { q }), { signal }),
    enabled: q !== '',
    placeholderData: keepPreviousData,
  });
