import type { Zone } from '../words/format.js';
import { Store } from '../live/store.js';

export type Theme = 'system' | 'light' | 'dark';

/** A choice of this reader, kept in this browser. A browser that keeps nothing has the first value again next time. */
function kept<T extends string>(name: string, values: readonly [T, ...T[]]): Store<T> {
  const key = `orderflow.${name}`;
  const read = (): string | null => {
    try {
      return localStorage.getItem(key);
    } catch {
      // Storage is switched off: the first value is taken.
      return null;
    }
  };
  const store = new Store<T>(values.find((value) => value === read()) ?? values[0]);
  store.subscribe(() => {
    try {
      localStorage.setItem(key, store.get());
    } catch {
      // Storage is switched off or full: the choice holds until the page is closed.
    }
  });
  return store;
}

export const theme = kept<Theme>('theme', ['system', 'light', 'dark']);
export const zone = kept<Zone>('zone', ['local', 'utc']);
export const singleKeys = kept<'on' | 'off'>('single-keys', ['on', 'off']);

/** Applies the theme to the document, now and on each change. */
export function applyTheme(): void {
  const apply = (): void => {
    if (theme.get() === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme.get();
  };
  apply();
  theme.subscribe(apply);
}
