import type { Story } from '@orderflow/console-api';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useStore } from '../../live/store.js';
import { zone } from '../../shell/settings.js';
import { CopyLink } from '../../ui/CopyLink.js';
import { Icon } from '../../ui/icons.js';
import { countOf, instantOf, moneyOf, offsetOf, shortId } from '../../words/format.js';
import type { Moment } from './moment.js';
import css from './Order.module.css';

const MOST_LINES_IN_WORDS = 3;

/** Which order it is, and in one sentence how it stands at the instant of the page. */
export function Headline({ story, moment, at }: { story: Story; moment: Moment; at: string | undefined }) {
  const { order } = story;
  const shown = useStore(zone);
  useEffect(() => {
    document.title = `${order.status ?? 'order'} · ${shortId(order.orderId)} · Orderflow`;
  }, [order.status, order.orderId]);
  return (
    <div>
      <p className={css.crumb}>
        <Link to="/orders">
          <Icon name="back" size={13} /> Orders
        </Link>
        <code>{order.orderId}</code>
        <CopyLink />
      </p>
      <h1 className={css.sentence} aria-live="polite">
        {moment.events.length === 0 ? 'It did not exist yet.' : moment.sentence}
      </h1>
      <p className={css.about}>
        {order.customerId !== null && (
          <span>
            <Link to="/orders" search={{ customerId: order.customerId }}>
              {order.customerId}
            </Link>
          </span>
        )}
        {order.lines.length > 0 && (
          <span>
            <bdi>{linesInWords(order.lines)}</bdi>
          </span>
        )}
        {order.totalMinor !== null && order.currency !== null && (
          <span>{moneyOf(order.totalMinor, order.currency)}</span>
        )}
        {order.placedAt !== null && (
          <span>
            placed {instantOf(order.placedAt, shown)} {offsetOf(at ?? order.placedAt, shown)}
          </span>
        )}
      </p>
    </div>
  );
}

function linesInWords(lines: Story['order']['lines']): string {
  if (lines.length <= MOST_LINES_IN_WORDS) return lines.map(({ sku, quantity }) => `${quantity} × ${sku}`).join(', ');
  const units = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  return `${countOf(lines.length, 'line')}, ${countOf(units, 'unit')}`;
}
