import type { LetterActions, LetterAddress, LetterOverview, OpenedLetter } from '@orderflow/console-api';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ask, withQuery } from './client.js';
import { LOOK_AGAIN_MS } from './queries.js';

/** What failed, and what waits for a person; of all orders, or of one. */
export const lettersQuery = (orderId?: string) =>
  queryOptions({
    queryKey: ['letters', orderId ?? 'all'],
    queryFn: async ({ signal }) => ask<LetterOverview>(withQuery('/api/letters', { orderId }), { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: LOOK_AGAIN_MS,
  });

export const letterPath = ({ service, kind, id }: Omit<LetterAddress, 'state'>): string =>
  `/api/letters/${service}/${kind}/${encodeURIComponent(id)}`;

export const letterQuery = (address: Omit<LetterAddress, 'state'>) =>
  queryOptions({
    queryKey: ['letter', letterPath(address)],
    queryFn: async ({ signal }) => ask<OpenedLetter>(letterPath(address), { signal }),
  });

export const letterActionsQuery = queryOptions({
  queryKey: ['letters', 'actions'],
  queryFn: async ({ signal }) => ask<LetterActions>('/api/letters/actions', { signal }),
});
