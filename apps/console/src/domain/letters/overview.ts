import { createHash } from 'node:crypto';
import type { Letter, LetterFigures, LetterGroup, LetterOverview } from '@orderflow/console-api';
import type { Service } from '@orderflow/contracts';
import { causeOf } from './cause.js';

/** The letters of one service, or why they could not be read. */
export interface ServiceLetters {
  readonly service: Service;
  readonly letters: readonly Letter[];
  /** Whether it has more than were read. */
  readonly more: boolean;
  readonly refusal: string | null;
}

/** The letters of all services, in groups. Events that wait behind others are no letters of their own: they are counted. */
export function overviewOf(read: readonly ServiceLetters[], readAt: Date): LetterOverview {
  const all = read.flatMap(({ letters }) => letters);
  const behind = Map.groupBy(
    all.filter(({ state }) => state === 'blocked'),
    queueOf,
  );
  const heads = all
    .filter(({ state }) => state !== 'blocked')
    .map((letter) => ({ ...letter, behind: letter.kind === 'event' ? (behind.get(queueOf(letter))?.length ?? 0) : 0 }));
  return {
    readAt: readAt.toISOString(),
    figures: figuresOf(all),
    groups: groupsOf(heads),
    services: read.map(({ service, refusal, more }) => ({ service, refusal, more })),
  };
}

const queueOf = ({ service, consumer, orderId }: Letter): string => JSON.stringify([service, consumer, orderId]);

function figuresOf(letters: readonly Letter[]): LetterFigures {
  const count = (state: Letter['state']): number => letters.filter((letter) => letter.state === state).length;
  return {
    dead: count('dead'),
    waiting: count('waiting'),
    unread: count('unread'),
    retrying: count('retrying'),
    behind: count('blocked'),
    needPerson: letters.filter(({ waitsFor }) => waitsFor === 'person').length,
  };
}

function groupsOf(letters: readonly Letter[]): LetterGroup[] {
  const groups = [...Map.groupBy(letters, keyOf)].map(([key, own]): LetterGroup => {
    const sorted = own.toSorted((a, b) => a.since.localeCompare(b.since));
    const [{ service, kind, state, waitsFor, what, reason, since }] = sorted as [Letter, ...Letter[]];
    const behind = sorted.reduce((sum, it) => sum + it.behind, 0);
    return {
      key,
      service,
      kind,
      state,
      waitsFor,
      what,
      cause: causeOf(reason),
      behind,
      oldest: since,
      letters: sorted,
    };
  });
  return groups.toSorted(
    (a, b) => rankOf(a) - rankOf(b) || a.oldest.localeCompare(b.oldest) || a.key.localeCompare(b.key),
  );
}

/** The same for the same service, kind, state, type and cause; short, since it stands in links. */
const keyOf = ({ service, kind, state, waitsFor, what, reason }: Letter): string =>
  createHash('sha256')
    .update(JSON.stringify([service, kind, state, waitsFor, what, causeOf(reason)]))
    .digest('hex')
    .slice(0, 10);

const rankOf = ({ waitsFor }: LetterGroup): number => (waitsFor === 'person' ? 0 : 1);
