import type { Letter, LetterAddress, LetterOverview } from '@orderflow/console-api';
import type { Needed } from '../../session/refusals.js';
import type { Deed } from '../../search-params.js';

export type Named = Pick<LetterAddress, 'service' | 'kind' | 'id'>;

/** `inventory/event/12`: a letter in a link. */
export const nameOf = ({ service, kind, id }: Named): string => `${service}/${kind}/${id}`;

const NAME = /^(orders|inventory|payments|notifications)\/(event|call|range)\/(.+)$/;

/** The letter that a link names; undefined where it names none. */
export function namedBy(text: string | undefined): Named | undefined {
  const [, service, kind, id] = NAME.exec(text ?? '') ?? [];
  if (service === undefined || kind === undefined || id === undefined) return undefined;
  return { service: service as Named['service'], kind: kind as Named['kind'], id };
}

/** What the server needs of a letter: which, and how it was seen. */
export const addressOf = ({ service, kind, id, state }: Letter): LetterAddress => ({ service, kind, id, state });

export const allOf = (overview: LetterOverview | undefined): Letter[] =>
  overview?.groups.flatMap(({ letters }) => letters) ?? [];

const isOpen = ({ state }: Letter): boolean => ['dead', 'retrying', 'waiting', 'blocked', 'unread'].includes(state);

/** The role that each action needs. What an admin alone may do cannot be taken back. */
export const neededFor: Readonly<Record<Deed, Needed>> = {
  retry: 'operator',
  discard: 'admin',
  settle: 'admin',
  acknowledge: 'admin',
};

const takes: Record<Deed, (letter: Letter) => boolean> = {
  // An event behind another one is retried with its queue; a call that is made at the moment may yet be answered.
  retry: ({ kind, state }) =>
    kind === 'event' ? state === 'dead' || state === 'retrying' : kind === 'call' && state !== 'retrying',
  discard: ({ kind }) => kind === 'event',
  settle: ({ kind, state, choices }) => kind === 'call' && state !== 'retrying' && choices.length > 0,
  acknowledge: ({ kind }) => kind === 'range',
};

/** Those of the letters to which this can be done. */
export const takenBy = (deed: Deed, letters: readonly Letter[]): Letter[] =>
  letters.filter((letter) => isOpen(letter) && takes[deed](letter));

export const deedsFor = (letters: readonly Letter[]): Deed[] =>
  (['retry', 'settle', 'discard', 'acknowledge'] as const).filter((deed) => takenBy(deed, letters).length > 0);

/** What all of the calls can be settled as. */
export function commonChoices(letters: readonly Letter[]): string[] {
  const [first, ...rest] = letters;
  return (first?.choices ?? []).filter((choice) => rest.every(({ choices }) => choices.includes(choice)));
}

/** The selection with these in it, or without them where all of them were in it. */
export function toggled(selected: ReadonlySet<string>, names: readonly string[]): ReadonlySet<string> {
  const isIn = names.every((name) => selected.has(name));
  return isIn ? new Set([...selected].filter((name) => !names.includes(name))) : new Set([...selected, ...names]);
}

export interface Progress {
  readonly handled: number;
  readonly underWay: number;
  readonly deadAgain: number;
}

/** What has become of letters that were retried. A letter that is gone was handled, or another operator acted on it. */
export function progressOf(retried: readonly Named[], now: readonly Letter[]): Progress {
  const states = new Map(now.map((letter) => [nameOf(letter), letter.state]));
  const found = retried.map((letter) => states.get(nameOf(letter)));
  const deadAgain = found.filter((state) => state === 'dead').length;
  const handled = found.filter((state) => state === undefined).length;
  return { handled, deadAgain, underWay: retried.length - handled - deadAgain };
}
