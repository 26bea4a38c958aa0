import { useEffect } from 'react';
import { useAt } from '../../shell/clock.js';
import { PageHead } from '../../ui/PageHead.js';
import { Failed } from '../../ui/parts.js';
import { Day } from '../day/Day.js';
import { Examples } from './Examples.js';
import { Feed } from './Feed.js';
import { Minute } from './Minute.js';
import { NeedsPerson } from './NeedsPerson.js';
import css from './Now.module.css';
import { useRecent } from './useRecent.js';

export function NowPage() {
  const at = useAt();
  const { rows, until, error, retry, isLoading } = useRecent(at);
  useEffect(() => {
    document.title = 'Now · Orderflow';
  }, []);
  return (
    <div className={css.page}>
      {at === undefined && <NeedsPerson />}
      <section aria-labelledby="examples">
        <PageHead id="examples" title="Place one that …">
          Each button places a real order. Its page shows what every service says about it, because of what, and what is
          still owed, while it happens.
        </PageHead>
        <Examples isPast={at !== undefined} />
        <Day isPast={at !== undefined} />
      </section>
      {error && <Failed what="The newest orders" error={error} retry={retry} />}
      {!error && (
        <div className={css.columns}>
          <Minute rows={rows} until={until} isLoading={isLoading} />
          <Feed rows={rows} isLoading={isLoading} isPast={at !== undefined} />
        </div>
      )}
    </div>
  );
}
