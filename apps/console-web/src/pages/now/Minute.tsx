import type { OrderRow } from '@orderflow/console-api';
import { useMemo } from 'react';
import { classes, panel, Skeleton } from '../../ui/parts.js';
import { durationOf } from '../../words/format.js';
import { lastMinuteOf } from './last-minute.js';
import css from './Now.module.css';

const HEIGHT = 56;
const BAR = 10;

export function Minute({ rows, until, isLoading }: { rows: readonly OrderRow[]; until: number; isLoading: boolean }) {
  const minute = useMemo(() => lastMinuteOf(rows, until), [rows, until]);
  const most = Math.max(1, ...minute.seconds);
  return (
    <section className={classes(panel, css.box)} aria-labelledby="minute">
      <h2 id="minute">The last minute</h2>
      {isLoading ? (
        <div style={{ padding: 18 }}>
          <Skeleton height={44} count={2} />
        </div>
      ) : (
        <>
          <dl className={css.figures}>
            <Figure name="placed" value={minute.placed} />
            <Figure name="confirmed" value={minute.confirmed} />
            <Figure name="cancelled" value={minute.cancelled} />
            <Figure name="under way" value={minute.underWay} />
          </dl>
          <svg
            className={css.bars}
            viewBox={`0 0 ${60 * BAR} ${HEIGHT}`}
            preserveAspectRatio="none"
            role="img"
            aria-label={`Orders placed in each of the last 60 seconds, at most ${Math.max(...minute.seconds)}`}
          >
            <line x1={0} x2={60 * BAR} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
            {minute.seconds.map((count, second) => {
              const height = count === 0 ? 0 : Math.max(4, (count / most) * (HEIGHT - 6));
              return (
                <rect key={second} x={second * BAR + 1} width={BAR - 3} y={HEIGHT - height} height={height} rx={1.5} />
              );
            })}
          </svg>
          <p className={css.under}>
            <span>60 s ago</span>
            <span>{minute.medianMs === undefined ? '' : `half settled within ${durationOf(minute.medianMs)}`}</span>
            <span>now</span>
          </p>
        </>
      )}
    </section>
  );
}

const Figure = ({ name, value }: { name: string; value: number }) => (
  <div>
    <dt>{name}</dt>
    <dd>{value.toLocaleString('en-GB')}</dd>
  </div>
);
