import type { OpenedLetter } from '@orderflow/console-api';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { Problem } from '../../api/client.js';
import { letterQuery } from '../../api/letter-queries.js';
import shell from '../../ui/Drawer.module.css';
import { Button, Failed, Skeleton, Tag } from '../../ui/parts.js';
import { useDrawer } from '../../ui/useDrawer.js';
import { stateFact, subjectOf } from '../../words/letters.js';
import { visible } from '../../words/visible.js';
import { Deeds } from './Group.js';
import { LetterContent } from './LetterContent.js';
import { LetterRecord } from './LetterRecord.js';
import css from './Letter.module.css';
import { LetterWhy } from './LetterWhy.js';
import { type Named, nameOf } from './selection.js';
import type { LettersState } from './useLetters.js';

interface Props {
  readonly address: Named;
  readonly page: LettersState;
  /** It covers the page: its title is then the first heading. */
  readonly isCovering: boolean;
  readonly onClose: () => void;
}

const tabs = [
  { tab: undefined, words: 'Why' },
  { tab: 'content', words: 'Content' },
  { tab: 'record', words: 'Record' },
] as const;

/** One letter. It lies beside the list, which stays in use. */
export default function LetterDrawer({ address, page, isCovering, onClose }: Props) {
  const { tab } = useSearch({ from: '/letters' });
  const { data, error, refetch } = useQuery(letterQuery(address));
  const [Title, Heading] = isCovering ? (['h1', 'h2'] as const) : (['h2', 'h3'] as const);
  const drawer = useDrawer();
  return (
    <aside ref={drawer} className={shell.drawer} tabIndex={-1} aria-label={`Letter ${nameOf(address)}`}>
      <div className={shell.head}>
        <div>
          <Title className={shell.title}>
            <bdi>{data ? visible(subjectOf(data)) : nameOf(address)}</bdi>
          </Title>
          {data && <Status letter={data} />}
        </div>
        <Button look="quiet" icon="cross" aria-label="Close the letter" onClick={onClose} />
      </div>
      <nav className={shell.tabs} aria-label="Views of the letter">
        {tabs.map(({ tab: name, words }) => (
          <Link
            key={words}
            to="/letters"
            search={(before) => ({ ...before, tab: name })}
            replace
            resetScroll={false}
            activeOptions={{ exact: true, includeSearch: true }}
          >
            {words}
          </Link>
        ))}
      </nav>
      <div className={shell.body} tabIndex={0} role="region" aria-label="The letter">
        {!data && !error && <Skeleton height={22} count={6} />}
        {!data && error && <NotThere error={error} retry={() => void refetch()} />}
        {data && tab === undefined && <LetterWhy letter={data} Heading={Heading} />}
        {data && tab === 'content' && <LetterContent letter={data} />}
        {data && tab === 'record' && <LetterRecord letter={data} Heading={Heading} />}
      </div>
      {data && (
        <div className={css.foot}>
          <Deeds letters={[data]} onAsk={(deed) => page.ask(deed, 'letter')} />
        </div>
      )}
    </aside>
  );
}

function Status({ letter }: { letter: OpenedLetter }) {
  const { word, tone, icon } = stateFact(letter);
  return (
    <p>
      <Tag tone={tone} icon={icon}>
        {word}
      </Tag>{' '}
      {letter.service}/{visible(letter.id)}
    </p>
  );
}

function NotThere({ error, retry }: { error: Error; retry: () => void }) {
  if (!(error instanceof Problem && error.status === 404))
    return <Failed what="The letter" error={error} retry={retry} />;
  return (
    <>
      <p className={css.reason}>It is no letter any more.</p>
      <p>It was handled, or never existed. Who did what says whether an operator acted on it.</p>
    </>
  );
}
