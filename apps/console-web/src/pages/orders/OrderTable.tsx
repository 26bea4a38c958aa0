import type { OrderRow } from '@orderflow/console-api';
import { Link, useNavigate } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useCallback, useEffect, useRef } from 'react';
import { useStore } from '../../live/store.js';
import { useShortcuts } from '../../shell/keys.js';
import { zone } from '../../shell/settings.js';
import { MiniStory } from '../../ui/MiniStory.js';
import { classes, panel } from '../../ui/parts.js';
import { useMedia } from '../../ui/useMedia.js';
import { countOf, durationOf, instantOf, moneyOf, shortId, todayIn, type Zone } from '../../words/format.js';
import { rowWords } from '../../words/row-words.js';
import css from './Orders.module.css';
import type { LiveRows } from './useRows.js';

const headings = ['Order', 'Placed', 'Customer', 'Total', 'Story', 'What is known'];

interface Props {
  readonly rows: LiveRows;
  readonly hasMore: boolean;
  readonly loadMore: () => void;
}

/**
 * Only the rows in sight are in the document; the table says how many there are. Counts come with each frame of the stream: the
 * page is drawn for them, the table is not.
 */
export const OrderTable = memo(function OrderTable(props: Props) {
  const { shown, waiting, takeIn, hold } = props.rows;
  const { hasMore, loadMore } = props;
  const scroll = useRef<HTMLDivElement>(null);
  const navigate = useNavigate();
  const height = useMedia('(max-width: 760px)') ? 84 : 44;
  const shownZone = useStore(zone);
  const focused = useRef(-1);
  const list = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => height,
    overscan: 5,
  });
  useEffect(() => list.measure(), [height, list]);
  const onRowFocus = useCallback((index: number) => {
    focused.current = index;
  }, []);
  const today = todayIn(shownZone);
  const items = list.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && last >= shown.length - 20) loadMore();
  });
  useEffect(() => () => hold(false), [hold]);

  const rowAt = (index: number): HTMLElement | null | undefined =>
    scroll.current?.querySelector<HTMLElement>(`[data-index="${index}"]`);
  const moveTo = (index: number): void => {
    const next = Math.max(0, Math.min(shown.length - 1, index));
    focused.current = next;
    list.scrollToIndex(next);
    const row = rowAt(next);
    // At once where it is in the document: an Enter that follows in the same frame would open the row before.
    if (row) row.focus();
    else requestAnimationFrame(() => rowAt(next)?.focus());
  };
  useShortcuts([
    { keys: 'j', says: 'next order', run: () => moveTo(focused.current + 1) },
    { keys: 'k', says: 'previous order', run: () => moveTo(focused.current - 1) },
    { keys: 'N', says: 'take in the new orders', run: takeIn },
    {
      keys: 'Enter',
      says: 'open the order',
      run: () => {
        const orderId = shown[focused.current]?.orderId;
        if (orderId !== undefined) void navigate({ to: '/orders/$orderId', params: { orderId } });
      },
    },
  ]);
  const update = (): void => {
    const element = scroll.current;
    hold(
      element !== null &&
        (element.matches(':hover') || element.contains(document.activeElement) || element.scrollTop > 0),
    );
  };
  return (
    <div className={classes(panel, css.table)}>
      {waiting.length > 0 && (
        <button type="button" className={css.fresh} onClick={takeIn}>
          {countOf(waiting.length, 'new order')} <kbd>N</kbd>
        </button>
      )}
      <div role="table" aria-label="Orders, the newest first" aria-rowcount={hasMore ? -1 : shown.length + 1}>
        <div role="row" aria-rowindex={1} className={css.heading}>
          {headings.map((heading) => (
            <span key={heading} role="columnheader" className={heading === 'Total' ? css.number : undefined}>
              {heading}
            </span>
          ))}
          <span role="columnheader" className={classes(css.number, css.took)}>
            Took
          </span>
        </div>
        <div
          ref={scroll}
          className={css.rows}
          role="rowgroup"
          tabIndex={-1}
          onPointerEnter={update}
          onPointerLeave={update}
          onFocus={update}
          onBlur={update}
          onScroll={update}
        >
          <div role="presentation" style={{ height: list.getTotalSize() }}>
            {items.map(({ index, start }) => {
              const row = shown[index];
              return (
                row && (
                  <Row
                    key={row.orderId}
                    row={row}
                    index={index}
                    start={start}
                    zone={shownZone}
                    today={today}
                    onFocus={onRowFocus}
                  />
                )
              );
            })}
          </div>
        </div>
      </div>
      <p className={css.foot}>
        <span>
          {countOf(shown.length, 'order')} {hasMore ? 'read so far' : 'in all'}
        </span>
      </p>
    </div>
  );
});

interface RowProps {
  readonly row: OrderRow;
  readonly index: number;
  readonly start: number;
  readonly zone: Zone;
  /** The day of now: rows of other days show theirs. */
  readonly today: string;
  readonly onFocus: (index: number) => void;
}

// The list is drawn at each frame of the stream and of a scroll, and most of its rows are as they were.
const Row = memo(function Row({ row, index, start, zone: shownZone, today, onFocus }: RowProps) {
  const { orderId, placedAt, settledAt, customerId, totalMinor, currency } = row;
  const took = placedAt !== null && settledAt !== null ? durationOf(Date.parse(settledAt) - Date.parse(placedAt)) : '';
  return (
    <div role="row" aria-rowindex={index + 2} className={css.row} style={{ transform: `translateY(${start}px)` }}>
      <span role="cell">
        <Link
          to="/orders/$orderId"
          params={{ orderId }}
          data-index={index}
          className={css.id}
          onFocus={() => onFocus(index)}
        >
          {shortId(orderId)}
        </Link>
      </span>
      <span role="cell" className={classes(css.placed, css.soft)}>
        {placedAt === null ? '' : instantOf(placedAt, shownZone, today)}
      </span>
      <bdi role="cell" className={css.customer}>
        {customerId}
      </bdi>
      <span role="cell" className={css.number}>
        {totalMinor !== null && currency !== null && moneyOf(totalMinor, currency)}
      </span>
      <span role="cell">
        <MiniStory told={row.told} waitsFor={row.waitsFor} />
      </span>
      <span role="cell" className={classes(css.words, css.soft)}>
        {rowWords(row)}
      </span>
      <span role="cell" className={classes(css.number, css.took, css.soft)}>
        {took}
      </span>
    </div>
  );
});
