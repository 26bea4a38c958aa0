import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { letterActionsQuery } from '../../api/letter-queries.js';
import { useStore } from '../../live/store.js';
import { zone } from '../../shell/settings.js';
import { classes, Failed, panel, Skeleton } from '../../ui/parts.js';
import { instantOf, shortId } from '../../words/format.js';
import { actionInWords } from '../../words/letters.js';
import { visible } from '../../words/visible.js';
import css from './Letters.module.css';

/** The latest actions of operators, as the services keep them. */
export function ActionLog() {
  const { data, error, refetch } = useQuery(letterActionsQuery);
  const shown = useStore(zone);
  if (error) return <Failed what="Who did what" error={error} retry={() => void refetch()} />;
  return (
    <section className={classes(panel, css.section)} aria-labelledby="who">
      <h2 id="who">Who did what</h2>
      {!data && (
        <div className={css.loading}>
          <Skeleton height={24} count={3} />
        </div>
      )}
      {data && data.refused.length > 0 && (
        <p className={css.quiet}>{data.refused.join(', ')} did not answer: what was done there is missing.</p>
      )}
      {data?.items.length === 0 && <p className={css.quiet}>No operator has done anything yet.</p>}
      <ol className={css.log}>
        {data?.items.map((action, index) => (
          <li key={index}>
            <time dateTime={action.at}>{instantOf(action.at, shown)}</time>
            <bdi className={css.who}>{visible(action.operator)}</bdi>
            <bdi>{visible(actionInWords(action))}</bdi>
            {action.orderId !== null && (
              <Link to="/orders/$orderId" params={{ orderId: action.orderId }}>
                {visible(shortId(action.orderId))}
              </Link>
            )}
            {action.reason !== null && <bdi className={css.why}>“{visible(action.reason)}”</bdi>}
          </li>
        ))}
      </ol>
    </section>
  );
}
