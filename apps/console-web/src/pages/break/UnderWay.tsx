import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { countsQuery } from '../../api/queries.js';
import { classes, panel } from '../../ui/parts.js';
import css from './Break.module.css';

const SECONDS = 120;
const SAMPLE_MS = 1_000;
const [WIDTH, HEIGHT] = [600, 56];

/** How many orders are under way, second by second since the page was opened: what waits while something is broken. */
export function UnderWay() {
  const { data } = useQuery(countsQuery(undefined));
  const latest = useRef<number | undefined>(undefined);
  latest.current = data?.underWay;
  const [samples, setSamples] = useState<readonly number[]>([]);
  useEffect(() => {
    const timer = setInterval(() => {
      const { current } = latest;
      if (current !== undefined) setSamples((before) => [...before, current].slice(-SECONDS));
    }, SAMPLE_MS);
    return () => clearInterval(timer);
  }, []);
  const most = Math.max(data?.underWay ?? 0, ...samples);
  const bar = WIDTH / SECONDS;
  const start = SECONDS - samples.length;
  return (
    <section className={classes(panel, css.underWay)} aria-labelledby="under-way">
      <h2 id="under-way">Under way</h2>
      <p className={css.figure}>
        <Link to="/orders" search={{ settled: 'false' }}>
          {data === undefined ? '–' : data.underWay.toLocaleString('en-GB')}
        </Link>{' '}
        now, at most {most} since this page was opened
      </p>
      <svg
        className={css.bars}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Orders under way in each of the last ${SECONDS} seconds, at most ${most}`}
      >
        <line x1={0} x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
        {samples.map((count, index) => {
          const height = count === 0 ? 0 : Math.max(3, (count / Math.max(1, most)) * (HEIGHT - 4));
          return (
            <rect key={start + index} x={(start + index) * bar} width={bar - 1} y={HEIGHT - height} height={height} />
          );
        })}
      </svg>
      <p className={css.under}>
        <span>2 minutes ago</span>
        <span>now</span>
      </p>
    </section>
  );
}
