import type { Letter, OpenedLetter } from '@orderflow/console-api';
import { Link } from '@tanstack/react-router';
import { useStore } from '../../live/store.js';
import { zone } from '../../shell/settings.js';
import { countOf, instantOf } from '../../words/format.js';
import { actionInWords } from '../../words/letters.js';
import { visible } from '../../words/visible.js';
import css from './Letter.module.css';
import { nameOf } from './selection.js';

/** Why it failed, what waits for it, and what operators did. */
export function LetterWhy({ letter, Heading }: { letter: OpenedLetter; Heading: 'h2' | 'h3' }) {
  const { failures, reason, undecodable, behind, behindIt, actions, headId, nextAttemptAt, orderId, service } = letter;
  const shown = useStore(zone);
  const last = failures.at(-1)?.reason ?? reason;
  return (
    <>
      <p className={css.reason}>
        <bdi>{visible(last) || 'No reason was kept.'}</bdi>
      </p>
      {undecodable !== null && undecodable !== last && (
        <p className={css.soft}>
          <bdi>{visible(undecodable)}</bdi>
        </p>
      )}
      {orderId !== null && letter.kind !== 'range' && (
        <p>
          About{' '}
          <Link to="/orders/$orderId" params={{ orderId }}>
            <bdi>{visible(orderId)}</bdi>
          </Link>
        </p>
      )}
      {headId !== null && (
        <p>
          It waits for <LetterLink letter={{ service, kind: 'event', id: headId }} />, the first of its queue.
        </p>
      )}
      {nextAttemptAt !== null && <p>It is tried again at {instantOf(nextAttemptAt, shown)}.</p>}
      <Heading>What waits behind it</Heading>
      {behind === 0 && <p className={css.soft}>{letter.kind === 'event' ? 'No event.' : 'The rest of its order.'}</p>}
      <ol className={css.list}>
        {behindIt.map((it) => (
          <li key={it.id}>
            <LetterLink letter={it} /> <bdi>{visible(it.what ?? 'without a type')}</bdi>
          </li>
        ))}
        {behind > behindIt.length && <li>and {countOf(behind - behindIt.length, 'more event')}</li>}
      </ol>
      <Heading>Attempts</Heading>
      <ol className={css.list}>
        {failures.map((failure, index) => (
          <li key={index}>
            <time dateTime={failure.at}>{instantOf(failure.at, shown)}</time> <bdi>{visible(failure.reason)}</bdi>
          </li>
        ))}
        {failures.length === 0 && <li className={css.soft}>{countOf(letter.attempts, 'attempt')}; none was kept.</li>}
      </ol>
      <Heading>Operators</Heading>
      <ol className={css.list}>
        {actions.map((action, index) => (
          <li key={index}>
            <time dateTime={action.at}>{instantOf(action.at, shown)}</time>{' '}
            <bdi>
              {visible(action.operator)} {visible(actionInWords(action))}
            </bdi>
            {action.reason !== null && <bdi>: “{visible(action.reason)}”</bdi>}
          </li>
        ))}
        {actions.length === 0 && <li className={css.soft}>Nobody has acted on it.</li>}
      </ol>
    </>
  );
}

const LetterLink = ({ letter }: { letter: Pick<Letter, 'service' | 'kind' | 'id'> }) => (
  <Link
    to="/letters"
    search={(before) => ({ ...before, letter: nameOf(letter), tab: undefined })}
    replace
    resetScroll={false}
  >
    {letter.service}/{letter.id}
  </Link>
);
