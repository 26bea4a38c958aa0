import { QueryClient } from '@tanstack/react-query';
import { Problem } from './client.js';

/** The answers that the pages share. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // A refusal stays one; an answer that did not come may come.
      retry: (failures, error) => !(error instanceof Problem && error.status < 500) && failures < 2,
      refetchOnWindowFocus: false,
      staleTime: 5_000,
    },
  },
});
