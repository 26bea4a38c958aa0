import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useEffect } from 'react';
import { lettersQuery } from '../../api/letter-queries.js';
import { PageHead } from '../../ui/PageHead.js';
import { Button, classes, Failed, panel, Skeleton } from '../../ui/parts.js';
import { CopyLink } from '../../ui/CopyLink.js';
import { useMedia } from '../../ui/useMedia.js';
import { figuresInWords } from '../../words/letters.js';
import { ActionLog } from './ActionLog.js';
import css from './Letters.module.css';
import { LetterSections } from './LetterSections.js';
import { Notes } from './Notes.js';
import { SelectionBar } from './SelectionBar.js';
import { allOf, namedBy, nameOf } from './selection.js';
import { useLetters } from './useLetters.js';

const LetterDrawer = lazy(async () => import('./LetterDrawer.js'));
const ActDialog = lazy(async () => import('./ActDialog.js'));

/** What failed at all services, in groups; what waits behind it; and what a person can do about it. */
export function LettersPage() {
  const { at, orderId, letter: opened, log } = useSearch({ from: '/letters' });
  const navigate = useNavigate({ from: '/letters' });
  const { data, error, refetch, isPending } = useQuery(lettersQuery(orderId));
  const page = useLetters(data);
  // The letter lies over the page instead of beside it.
  const isCovered = useMedia('(max-width: 1099px)');
  useEffect(() => {
    document.title = 'Letters · Orderflow';
  }, []);
  const open = namedBy(opened);
  return (
    <div className={classes(open && css.withDrawer)}>
      <div className={css.page} inert={isCovered && open !== undefined}>
        <div className={css.top}>
          <div>
            <PageHead title="Dead letters" />
            {data && <p className={css.figures}>{figuresInWords(data.figures).join(' · ')}</p>}
          </div>
          <div className={css.buttons}>
            <CopyLink />
            <Button onClick={page.toggleLog}>
              {log === '1' ? 'Hide who did what' : 'Who did what'} <kbd>a</kbd>
            </Button>
          </div>
        </div>
        <Notes overview={data} error={data ? error : null} at={at} orderId={orderId} />
        {log === '1' && <ActionLog />}
        {isPending && (
          <div className={classes(panel, css.loading)} role="status" aria-label="Letters are being read">
            <Skeleton height={44} count={5} gap={10} />
          </div>
        )}
        {!data && error && <Failed what="The dead letters" error={error} retry={() => void refetch()} />}
        {data && <LetterSections overview={data} page={page} orderId={orderId} />}
        <SelectionBar page={page} />
      </div>
      {open && (
        <Suspense>
          <LetterDrawer
            key={nameOf(open)}
            address={open}
            page={page}
            isCovering={isCovered}
            onClose={() =>
              void navigate({
                search: (before) => ({ ...before, letter: undefined, tab: undefined }),
                replace: true,
                resetScroll: false,
              })
            }
          />
        </Suspense>
      )}
      {page.asked && (
        <Suspense>
          <ActDialog deed={page.asked.deed} letters={page.asked.letters} known={allOf(data)} onClose={page.done} />
        </Suspense>
      )}
    </div>
  );
}
