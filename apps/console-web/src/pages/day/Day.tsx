import type { Day as DayState } from '@orderflow/console-api';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { post, Problem } from '../../api/client.js';
import { dayQuery } from '../../api/queries.js';
import { Button, classes, Note, panel } from '../../ui/parts.js';
import { countOf } from '../../words/format.js';
import css from './Day.module.css';
import { dayWords } from './day-words.js';

const CONFLICT = 409;

/** The sixth button: many orders, one after another. The console places them, whether or not a page is open. */
export function Day({ isPast }: { isPast: boolean }) {
  const queries = useQueryClient();
  const { data: day } = useQuery(dayQuery);
  const said = useMutation({
    mutationFn: async (path: '/api/day' | '/api/day/stop') =>
      post<DayState>(path, path === '/api/day' ? {} : undefined),
    onSuccess: (next) => queries.setQueryData(dayQuery.queryKey, next),
    // Another page was faster.
    onError: () => void queries.invalidateQueries(dayQuery),
  });
  if (day === undefined || day.state === 'off') return null;
  const isUnderWay = day.state === 'under_way';
  const error = said.error instanceof Problem && said.error.status === CONFLICT ? null : said.error;
  return (
    <section className={classes(panel, css.day)} aria-labelledby="day">
      <div className={css.words}>
        <h2 id="day">A day at the shop</h2>
        <p>{dayWords(day)}</p>
        {day.state !== 'none' && <Sights day={day} />}
        {day.why !== null && <p className={css.why}>Last refusal: {day.why}</p>}
      </div>
      <Button
        look={isUnderWay ? undefined : 'primary'}
        disabled={isPast || said.isPending}
        onClick={() => said.mutate(isUnderWay ? '/api/day/stop' : '/api/day')}
      >
        {isUnderWay ? 'Stop the day' : day.state === 'none' ? 'Play a day' : 'Play it again'}
      </Button>
      {isUnderWay && (
        <progress
          className={css.progress}
          aria-label="Orders of the day"
          max={day.orders}
          value={day.accepted + day.refused}
        />
      )}
      {error && (
        <div className={css.wide}>
          <Note tone="bad">
            <p>
              <strong>The console did not do it.</strong> {error.message}
            </p>
          </Note>
        </div>
      )}
    </section>
  );
}

/** Where there is something to see. */
const Sights = ({ day: { popular, scarce, biggest } }: { day: DayState }) => (
  <ul className={css.sights}>
    <li>
      <Link to="/orders" search={{ sku: popular }}>
        Orders with the hottest product
      </Link>
    </li>
    <li>
      <Link to="/orders" search={{ sku: scarce }}>
        Orders with the product that sells out
      </Link>
    </li>
    {biggest.orderId !== null && (
      <li>
        <Link to="/orders/$orderId" params={{ orderId: biggest.orderId }}>
          The order of {countOf(biggest.lines, 'line')}
        </Link>
      </li>
    )}
    <li>
      <Link to="/orders" search={{ status: 'cancelled' }}>
        Cancelled orders
      </Link>
    </li>
  </ul>
);
