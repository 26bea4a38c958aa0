import type { AuditReport, Proof } from '@orderflow/console-api';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ask, withQuery } from './client.js';

/** The server counts at most once in this time. */
const POLL_MS = 10_000;

export const proofQuery = (at: string | undefined) =>
  queryOptions({
    queryKey: ['proof', at ?? 'now'],
    queryFn: async ({ signal }) => ask<Proof>(withQuery('/api/proof', { at }), { signal }),
    refetchInterval: at === undefined ? POLL_MS : false,
    placeholderData: keepPreviousData,
  });

/** A report never changes. */
export const auditQuery = (at: string | undefined) =>
  queryOptions({
    queryKey: ['audit', at],
    queryFn: async ({ signal }) => ask<AuditReport>(`/api/audits/${encodeURIComponent(at ?? '')}`, { signal }),
    enabled: at !== undefined,
    staleTime: Infinity,
  });
