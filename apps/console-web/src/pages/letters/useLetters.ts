import type { Letter, LetterOverview } from '@orderflow/console-api';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { letterQuery } from '../../api/letter-queries.js';
import type { Deed } from '../../search-params.js';
import { useRefusals } from '../../session/refusals.js';
import { useShortcuts } from '../../shell/keys.js';
import { allOf, namedBy, nameOf, neededFor, takenBy, toggled } from './selection.js';

/** The set that an action is about. It is frozen when its dialog opens: what comes later is not in it. */
interface Asked {
  readonly deed: Deed;
  readonly letters: readonly Letter[];
}

export interface LettersState {
  readonly selected: readonly Letter[];
  readonly isSelected: (letter: Letter) => boolean;
  readonly toggle: (letters: readonly Letter[]) => void;
  readonly clear: () => void;
  /** Opens the dialog of an action. @param of a group by its key, `letter` or `selected` */
  readonly ask: (deed: Deed, of: string) => void;
  readonly asked: Asked | undefined;
  /** Closes the dialog. */
  readonly done: () => void;
  readonly toggleLog: () => void;
}

const rows = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>('[data-row]')];
const focusedRow = (): HTMLElement | undefined => rows().find((row) => row === document.activeElement);

function moveBy(step: number): void {
  const all = rows();
  const at = all.findIndex((row) => row === document.activeElement);
  const next = at === -1 ? (step > 0 ? 0 : all.length - 1) : at + step;
  all[Math.max(0, Math.min(all.length - 1, next))]?.focus();
}

/** Selection, dialog and keys of the page. What is open stands in the address; which are selected does not. */
export function useLetters(overview: LetterOverview | undefined): LettersState {
  const search = useSearch({ from: '/letters' });
  const navigate = useNavigate({ from: '/letters' });
  const [names, setNames] = useState<ReadonlySet<string>>(new Set());
  const refusalOf = useRefusals();
  const all = allOf(overview);
  const selected = all.filter((letter) => names.has(nameOf(letter)));
  const toggle = (letters: readonly Letter[]): void => setNames((before) => toggled(before, letters.map(nameOf)));
  const set = (change: Partial<typeof search>): void =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false });
  const ask = (deed: Deed, of: string): void => {
    if (refusalOf(neededFor[deed]) === undefined) set({ do: deed, of });
  };
  const asked = useFrozen(search.do, search.of, namedBy(search.letter), overview, selected);

  /** The group of the focused row, or its letter alone. */
  const focused = (): readonly Letter[] => {
    const name = focusedRow()?.dataset['row'];
    return all.filter((letter) => nameOf(letter) === name).concat(groupOf(overview, name));
  };
  const askOfFocus = (deed: Deed): void => {
    if (search.letter !== undefined) return ask(deed, 'letter');
    if (selected.length > 0) return ask(deed, 'selected');
    const name = focusedRow()?.dataset['row'];
    if (groupOf(overview, name).length > 0) return ask(deed, name ?? '');
    const letters = takenBy(deed, focused());
    if (letters.length === 0) return undefined;
    setNames(new Set(letters.map(nameOf)));
    ask(deed, 'selected');
  };
  const toggleLog = (): void => set({ log: search.log === '1' ? undefined : '1' });
  useShortcuts([
    { keys: 'j', says: 'next row', run: () => moveBy(1) },
    { keys: 'k', says: 'previous row', run: () => moveBy(-1) },
    { keys: 'x', says: 'select the letter, or the whole group', run: () => toggle(focused()) },
    { keys: 'r', says: 'retry: asks first', run: () => askOfFocus('retry') },
    { keys: 's', says: 'settle a call: asks first', run: () => askOfFocus('settle') },
    { keys: 'd', says: 'discard: asks first', run: () => askOfFocus('discard') },
    { keys: 'a', says: 'who did what', run: toggleLog },
    {
      keys: 'Escape',
      says: 'close the letter, or drop the selection',
      run: () => (search.letter === undefined ? setNames(new Set()) : set({ letter: undefined, tab: undefined })),
    },
  ]);
  return {
    selected,
    isSelected: (letter) => names.has(nameOf(letter)),
    toggle,
    clear: () => setNames(new Set()),
    ask,
    // A link that asks for what its reader may not do opens the page alone.
    asked: asked && refusalOf(neededFor[asked.deed]) === undefined ? asked : undefined,
    done: () => {
      setNames(new Set());
      set({ do: undefined, of: undefined });
    },
    toggleLog,
  };
}

const groupOf = (overview: LetterOverview | undefined, key: string | undefined): readonly Letter[] =>
  overview?.groups.find((group) => group.key === key)?.letters ?? [];

/** The letters of a dialog as they were when it opened. A link to it opens it with what there is now. */
function useFrozen(
  deed: Deed | undefined,
  of: string | undefined,
  named: ReturnType<typeof namedBy>,
  overview: LetterOverview | undefined,
  selected: readonly Letter[],
): Asked | undefined {
  const [frozen, setFrozen] = useState<Asked & { readonly of: string | undefined }>();
  const { data: opened } = useQuery({
    ...letterQuery(named ?? { service: 'orders', kind: 'event', id: '0' }),
    enabled: named !== undefined,
  });
  useEffect(() => {
    if (deed === undefined) return setFrozen(undefined);
    if (frozen?.deed === deed && frozen.of === of) return undefined;
    const letters = of === 'letter' ? (opened ? [opened] : []) : of === 'selected' ? selected : groupOf(overview, of);
    const taken = takenBy(deed, letters);
    if (taken.length > 0) setFrozen({ deed, of, letters: taken });
    return undefined;
  }, [deed, of, opened, overview, selected, frozen]);
  return frozen;
}
