import type {
  LetterAction,
  LetterAddress,
  LetterDryRun,
  LetterOutcome,
  OutcomeItem,
  TriedLetter,
} from '@orderflow/console-api';

/** What an operator does to letters: retry events and calls, discard events, settle calls, acknowledge ranges. */
export type Deed =
  | { readonly action: 'retry'; readonly ratePerSecond: number }
  | { readonly action: 'discard'; readonly reason: string }
  | { readonly action: 'settle'; readonly as: string; readonly reason: string; readonly reference?: string }
  | { readonly action: 'acknowledge'; readonly reason: string };

const kindsOf: Record<Deed['action'], readonly LetterAddress['kind'][]> = {
  retry: ['event', 'call'],
  discard: ['event'],
  settle: ['call'],
  acknowledge: ['range'],
};

/** Why the action cannot be done to one of the letters; undefined where it can. */
export function refusalOf({ action }: Deed, letters: readonly LetterAddress[]): string | undefined {
  const kinds = kindsOf[action];
  const wrong = letters.find(({ kind }) => !kinds.includes(kind));
  if (wrong) return `${action} is for ${kinds.map((kind) => `${kind}s`).join(' and ')}: ${nameOf(wrong)} is none.`;
  if (new Set(letters.map(nameOf)).size < letters.length) return 'The same letter stands in it twice.';
  return undefined;
}

/** The letters of a selection that are no more as they were seen. */
export function changedAmong(seen: readonly LetterAddress[], found: readonly LetterAddress[]): LetterAddress[] {
  const still = new Set(found.map((it) => `${nameOf(it)} ${it.state}`));
  return seen.filter((it) => !still.has(`${nameOf(it)} ${it.state}`));
}

export const nameOf = ({ service, kind, id }: Pick<LetterAddress, 'service' | 'kind' | 'id'>): string =>
  `${service}/${kind}/${id}`;

/** The figures of the items, which add up to what was asked. */
export function outcomeOf(items: OutcomeItem[]): LetterOutcome {
  const count = (outcome: OutcomeItem['outcome']): number => items.filter((item) => item.outcome === outcome).length;
  return {
    asked: items.length,
    done: count('done'),
    gone: count('gone'),
    refused: count('refused'),
    unknown: count('unknown'),
    items,
  };
}

/** @param asked letters that were to be tried; those without a result count as untried */
export function dryRunOf(asked: number, items: TriedLetter[]): LetterDryRun {
  const count = (of: readonly Pick<TriedLetter, 'outcome'>[], outcome: TriedLetter['outcome']): number =>
    of.filter((item) => item.outcome === outcome).length;
  const behind = items.flatMap((item) => item.behind);
  return {
    asked,
    handled: count(items, 'handled'),
    known: count(items, 'known'),
    fails: count(items, 'fails'),
    untried: asked - items.length,
    behind: { handled: count(behind, 'handled'), known: count(behind, 'known'), fails: count(behind, 'fails') },
    items,
  };
}

export const latestFirst = (actions: readonly LetterAction[]): LetterAction[] =>
  actions.toSorted((a, b) => b.at.localeCompare(a.at));
