import type {
  Breaks,
  CancelReason,
  Catalog,
  Day,
  Flow,
  Me,
  OrderCounts,
  OrderPage,
  OrderTroubles,
  RecordedEvent,
  SearchAnswer,
  Story,
  Trouble,
} from '@orderflow/console-api';
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ask, withQuery } from './client.js';

/** The filters of the list, as they stand in its URL. */
export interface OrderFilter {
  readonly status?: 'placed' | 'confirmed' | 'cancelled' | undefined;
  readonly settled?: 'true' | 'false' | undefined;
  readonly reason?: CancelReason | undefined;
  readonly trouble?: Trouble | undefined;
  readonly customerId?: string | undefined;
  readonly sku?: string | undefined;
  readonly at?: string | undefined;
}

const PAGE = 100;

// The services keep no stream of what they park: the pages look again.
export const LOOK_AGAIN_MS = 3_000;

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
    // No row says by itself that it is in trouble, or no more.
    refetchInterval: filter.trouble !== undefined && filter.at === undefined ? LOOK_AGAIN_MS : false,
    enabled: isKnownAt(filter),
  });

/** The services keep what is parked as it is now: only what was overdue is known of the past. */
export const isKnownAt = ({ at, trouble }: Pick<OrderFilter, 'at' | 'trouble'>): boolean =>
  at === undefined || trouble === undefined || trouble === 'overdue';

export const troublesQuery = (at: string | undefined) =>
  queryOptions({
    queryKey: ['troubles', at ?? 'now'],
    queryFn: async ({ signal }) => ask<OrderTroubles>(withQuery('/api/orders/troubles', { at }), { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: at === undefined ? LOOK_AGAIN_MS : false,
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
