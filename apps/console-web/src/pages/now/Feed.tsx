import type { OrderRow } from '@orderflow/console-api';
import { Link } from '@tanstack/react-router';
import { useStore } from '../../live/store.js';
import { zone } from '../../shell/settings.js';
import { MiniStory } from '../../ui/MiniStory.js';
import { classes, panel, Skeleton } from '../../ui/parts.js';
import { shortId, timeOf } from '../../words/format.js';
import { rowWords } from '../../words/row-words.js';
import css from './Now.module.css';

const SHOWN = 8;

interface Props {
  readonly rows: readonly OrderRow[];
  readonly isLoading: boolean;
  readonly isPast: boolean;
}

/** The newest orders, each in words. */
export function Feed({ rows, isLoading, isPast }: Props) {
  const shown = useStore(zone);
  return (
    <section className={classes(panel, css.box)} aria-labelledby="feed">
      <h2 id="feed">{isPast ? 'The newest then' : 'Just now'}</h2>
      {isLoading && (
        <div style={{ padding: 18 }}>
          <Skeleton height={30} count={4} />
        </div>
      )}
      {!isLoading && rows.length === 0 && (
        <p className={css.quiet}>{isPast ? 'There was no order yet.' : 'There is no order yet: place one above.'}</p>
      )}
      <ul className={css.feed}>
        {rows.slice(0, SHOWN).map((row) => (
          <li key={row.orderId}>
            <Link to="/orders/$orderId" params={{ orderId: row.orderId }}>
              <span className={css.feedTime}>{timeOf(row.placedAt ?? row.updatedAt, shown)}</span>
              <code>{shortId(row.orderId)}</code>
              <span className={css.feedWords}>{rowWords(row)}</span>
              <MiniStory told={row.told} waitsFor={row.waitsFor} />
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
