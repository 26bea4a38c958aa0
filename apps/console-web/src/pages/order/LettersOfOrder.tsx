import type { Letter } from '@orderflow/console-api';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lettersQuery } from '../../api/letter-queries.js';
import { Note } from '../../ui/parts.js';
import { countOf } from '../../words/format.js';
import { stateFact, subjectOf } from '../../words/letters.js';
import { visible } from '../../words/visible.js';

const SHOWN = 3;

/** What of this order has failed now, and what waits behind it. Silent where nothing has. */
export function LettersOfOrder({ orderId }: { orderId: string }) {
  const { data } = useQuery(lettersQuery(orderId));
  const letters = data?.groups.flatMap((group) => group.letters) ?? [];
  if (letters.length === 0) return null;
  const needsPerson = letters.some(({ waitsFor }) => waitsFor === 'person');
  return (
    <Note tone={needsPerson ? 'bad' : 'wait'}>
      <p>
        <strong>{needsPerson ? 'It waits for a person.' : 'A part of it is repeated by itself.'}</strong> Other orders
        flow.{' '}
        <Link to="/letters" search={{ orderId }}>
          {countOf(letters.length, 'letter')} of this order
        </Link>
      </p>
      {letters.slice(0, SHOWN).map((letter) => (
        <p key={`${letter.service} ${letter.kind} ${letter.id}`}>
          <bdi>{wordsOf(letter)}</bdi>
        </p>
      ))}
    </Note>
  );
}

function wordsOf(letter: Letter): string {
  const behind = letter.behind > 0 ? `, ${countOf(letter.behind, 'event waits', 'events wait')} behind it` : '';
  return `${visible(subjectOf(letter))}: ${stateFact(letter).word}${behind}. ${visible(letter.reason)}`;
}
