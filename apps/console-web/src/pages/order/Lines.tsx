import type { Story } from '@orderflow/console-api';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, useState } from 'react';
import { classes, panel } from '../../ui/parts.js';
import { countOf, moneyOf } from '../../words/format.js';
import css from './Order.module.css';

const ROW = 34;

/** The lines of an order; orders of more than a thousand exist, so that only those in sight are in the document. */
export function Lines({ order }: { order: Story['order'] }) {
  const [isOpen, setOpen] = useState(false);
  if (order.lines.length === 0) return null;
  return (
    <details className={classes(panel, css.linesPanel)} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{countOf(order.lines.length, 'line')}</summary>
      {isOpen && <LineRows order={order} />}
    </details>
  );
}

function LineRows({ order: { lines, currency } }: { order: Story['order'] }) {
  const scroll = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW,
    overscan: 12,
  });
  return (
    <div ref={scroll} className={css.lines} tabIndex={0} role="table" aria-label="Lines" aria-rowcount={lines.length}>
      <div role="rowgroup" style={{ position: 'relative', height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, start }) => {
          const line = lines[index]!;
          return (
            <div
              key={index}
              role="row"
              aria-rowindex={index + 1}
              className={css.lineRow}
              style={{ transform: `translateY(${start}px)` }}
            >
              <span role="cell">{index + 1}</span>
              <bdi role="cell" title={line.sku}>
                {line.sku}
              </bdi>
              <span role="cell">× {line.quantity.toLocaleString('en-GB')}</span>
              <span role="cell">{currency === null ? '' : moneyOf(line.unitPriceMinor, currency)}</span>
            </div>
          );
        })}
      </div>
    </div>
  );
}
