import type { Letter, LetterAction, LetterFigures, LetterGroup, LetterOutcome } from '@orderflow/console-api';
import type { IconName } from '../ui/icons.js';
import type { Tone } from '../ui/parts.js';
import { countOf } from './format.js';

type Kind = Letter['kind'];

const nouns: Record<Kind, string> = { event: 'event', call: 'call', range: 'range of records' };
const plurals: Record<Kind, string> = { event: 'events', call: 'calls', range: 'ranges of records' };

/** `2 events`, `1 call and 3 events`. */
export function lettersInWords(letters: readonly Pick<Letter, 'kind'>[]): string {
  const parts = (['event', 'call', 'range'] as const).flatMap((kind) => {
    const count = letters.filter((it) => it.kind === kind).length;
    return count === 0 ? [] : [countOf(count, nouns[kind], plurals[kind])];
  });
  return parts.join(' and ');
}

const stateWords: Record<Letter['state'], readonly [word: string, tone: Tone, icon: IconName]> = {
  dead: ['dead', 'no', 'cross'],
  unread: ['expired unread', 'no', 'cross'],
  waiting: ['put off', 'open', 'clock'],
  retrying: ['retrying', 'open', 'dots'],
  blocked: ['waits behind', 'open', 'dots'],
  discarded: ['discarded', 'plain', 'undo'],
  settled: ['settled', 'plain', 'check'],
  acknowledged: ['acknowledged', 'plain', 'check'],
};

export function stateFact({ state, waitsFor }: Pick<Letter, 'state' | 'waitsFor'>) {
  const [word, tone, icon] = stateWords[state];
  // A mail that is put off until an operator has mended our own login is as urgent as a dead letter.
  if (state === 'waiting' && waitsFor === 'person')
    return { word: 'waits for a person', tone: 'no', icon: 'cross' } as const;
  return { word, tone, icon };
}

/** What failed and where: `OrderPlaced at inventory`, `charge at payments`. */
export function subjectOf({
  kind,
  what,
  consumer,
  service,
}: Pick<Letter, 'kind' | 'what' | 'consumer' | 'service'>): string {
  const group = consumer === null || consumer === service ? '' : ` (${consumer})`;
  if (kind === 'range') return `expired records at ${service}${group}`;
  return `${what ?? 'a record without a type'} at ${service}${group}`;
}

export const groupSubject = (group: LetterGroup): string =>
  subjectOf({ ...group, consumer: group.letters[0]?.consumer ?? null });

/** `1 queue, 3 wait behind`. */
export function sizeOf({ kind, letters, behind }: LetterGroup): string {
  const size =
    kind === 'event' ? countOf(letters.length, 'queue') : countOf(letters.length, nouns[kind], plurals[kind]);
  if (kind !== 'event') return size;
  return behind === 0 ? `${size}, nothing behind` : `${size}, ${countOf(behind, 'event waits', 'events wait')} behind`;
}

/** The figures that are not 0, the most urgent first. */
export function figuresInWords({ dead, waiting, unread, retrying, behind }: LetterFigures): string[] {
  const words: readonly (readonly [number, string])[] = [
    [dead, countOf(dead, 'dead letter')],
    [unread, `${countOf(unread, 'range', 'ranges')} of expired records`],
    [waiting, `${countOf(waiting, 'call')} put off`],
    [retrying, `${retrying.toLocaleString('en-GB')} retrying`],
    [behind, countOf(behind, 'event waits behind them', 'events wait behind them')],
  ];
  return words.filter(([count]) => count > 0).map(([, text]) => text);
}

/** The sum of an action: each letter is in one of its parts. */
export function outcomeInWords({ asked, done, gone, refused, unknown }: LetterOutcome): string {
  const rest = [
    `${gone} gone meanwhile`,
    `${refused} refused`,
    ...(unknown > 0 ? [`${unknown} without an answer: not known`] : []),
  ];
  return `asked ${asked} = ${done} done + ${rest.join(' + ')}`;
}

const choiceWords: Readonly<Record<string, string>> = {
  void: 'nothing was charged, and never will be',
  'refunded-elsewhere': 'the money went back by other means',
  'give-up': 'the mail is not sent, as if its recipient had refused it',
};

/** A settlement with what it means; one of a service that these pages do not know stands for itself. */
export const choiceInWords = (choice: string): string =>
  choice in choiceWords ? `${choice}: ${choiceWords[choice]}` : choice;

const actionVerbs: Readonly<Record<string, string>> = {
  retry: 'retried',
  discard: 'discarded',
  acknowledge: 'acknowledged',
};

export const actionInWords = ({ action, kind, what, letterId, service }: LetterAction): string =>
  `${actionVerbs[action] ?? `settled as ${action}`} ${what ?? nouns[kind]} ${service}/${letterId}`;
