import { useNavigate, useSearch } from '@tanstack/react-router';

/** The clock of the whole console: the instant in the URL, undefined for now. */
export const useAt = (): string | undefined => useSearch({ strict: false, select: ({ at }) => at });

/** Sets the clock; the page, its filters and what is selected stay. */
export function useSetAt(): (at: string | undefined) => void {
  const navigate = useNavigate();
  return (at) => {
    void navigate({ to: '.', search: (before) => ({ ...before, at }), replace: true, resetScroll: false });
  };
}
