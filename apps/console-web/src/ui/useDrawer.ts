import { type RefObject, useEffect, useRef } from 'react';

/** A part that opens beside the page takes the focus, and gives it back when it closes. */
export function useDrawer(): RefObject<HTMLElement | null> {
  const drawer = useRef<HTMLElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    drawer.current?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return drawer;
}
