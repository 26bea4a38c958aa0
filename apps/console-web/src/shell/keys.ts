import { useLayoutEffect, useRef } from 'react';
import { Store } from '../live/store.js';
import { singleKeys } from './settings.js';

/** A shortcut: `/`, `Shift+Y`, `ArrowLeft`, or two keys after another: `g n`. */
export interface Shortcut {
  readonly keys: string;
  /** What it does, for the list of shortcuts. */
  readonly says: string;
  readonly run: () => void;
}

/** The shortcuts of the page that is shown. The list of shortcuts is this list, so that it cannot be wrong. */
export const shortcuts = new Store<readonly Shortcut[]>([]);

/** Registers shortcuts while the component is mounted. */
export function useShortcuts(list: readonly Shortcut[]): void {
  const latest = useRef(list);
  latest.current = list;
  const names = list.map(({ keys, says }) => `${keys}\t${says}`).join('\n');
  // Before the page is painted: a key that is pressed as soon as it is seen has its effect.
  useLayoutEffect(() => {
    const registered = names
      .split('\n')
      .filter((line) => line !== '')
      .map((line, index): Shortcut => {
        const [keys = '', says = ''] = line.split('\t');
        return { keys, says, run: () => latest.current[index]?.run() };
      });
    shortcuts.set([...shortcuts.get(), ...registered]);
    return () => shortcuts.set(shortcuts.get().filter((it) => !registered.includes(it)));
  }, [names]);
}

const FIRST_KEY_MS = 1500;
let first: { key: string; at: number } | undefined;

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(?:input|textarea|select)$/i.test(target.tagName)) &&
  !(target instanceof HTMLInputElement && ['checkbox', 'radio', 'button'].includes(target.type));

/** `Shift` is part of a name only where the key is not another character by it. */
const nameOf = ({ key, shiftKey }: KeyboardEvent): string => (shiftKey && key.length > 1 ? `Shift+${key}` : key);

/** Listens for shortcuts. @returns a function that ends it */
export function startShortcuts(): () => void {
  const onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (singleKeys.get() === 'off' && event.key.length === 1) return;
    // A dialog has keys of its own.
    if (document.querySelector('dialog:modal') !== null) return;
    const key = nameOf(event);
    // A focused button or slider acts on these itself.
    if ([' ', 'Enter'].includes(key) && event.target instanceof Element && event.target.closest('button,a,summary'))
      return;
    const pair = first !== undefined && Date.now() - first.at < FIRST_KEY_MS ? `${first.key} ${key}` : undefined;
    first = undefined;
    // The last registered wins: a page before the frame around it.
    const all = shortcuts.get().toReversed();
    const found = all.find(({ keys }) => keys === pair) ?? all.find(({ keys }) => keys === key);
    if (found) {
      event.preventDefault();
      found.run();
    } else if (all.some(({ keys }) => keys.startsWith(`${key} `))) first = { key, at: Date.now() };
  };
  document.addEventListener('keydown', onKey);
  return () => document.removeEventListener('keydown', onKey);
}
