import type { LetterOverview } from '@orderflow/console-api';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { meQuery } from '../../api/queries.js';
import { mayDo } from '../../session/refusals.js';
import { Note } from '../../ui/parts.js';
import { shortId } from '../../words/format.js';
import css from './Letters.module.css';

interface Props {
  readonly overview: LetterOverview | undefined;
  /** Why the overview could not be read again. */
  readonly error: Error | null;
  readonly at: string | undefined;
  readonly orderId: string | undefined;
}

/** What the reader must know before the list: what it leaves out, and how old it is. */
export function Notes({ overview, error, at, orderId }: Props) {
  const away = overview?.services.filter(({ refusal }) => refusal !== null) ?? [];
  const { data: me } = useQuery(meQuery);
  const more = overview?.services.filter((it) => it.more) ?? [];
  return (
    <>
      {at !== undefined && (
        <Note tone="wait">
          <p>
            <strong>This list is of now.</strong> The services keep their dead letters as they are, not as they were.
          </p>
        </Note>
      )}
      {at === undefined && me && !mayDo(me.caller, 'admin') && (
        <p className={css.quietNote}>You may retry. Settling, discarding and acknowledging are for an admin.</p>
      )}
      {error && (
        <Note tone="wait">
          <p>The list below is old: {error.message}</p>
        </Note>
      )}
      {away.length > 0 && (
        <Note tone="bad">
          <p>
            <strong>The list is not whole.</strong> {away.map(({ refusal }) => refusal).join(' ')}
          </p>
        </Note>
      )}
      {more.length > 0 && (
        <Note tone="wait">
          <p>
            {more.map(({ service }) => service).join(' and ')} {more.length === 1 ? 'has' : 'have'} more than are shown:
            the rest is shown once these are gone.
          </p>
        </Note>
      )}
      {orderId !== undefined && (
        <p>
          Of the order{' '}
          <Link to="/orders/$orderId" params={{ orderId }}>
            {shortId(orderId)}
          </Link>{' '}
          alone. <Link to="/letters">All letters</Link>
        </p>
      )}
    </>
  );
}
