import type { OrderTroubles, Trouble } from '@orderflow/console-api';
import type { OrdersSearch } from '../../search-params.js';
import { troubleWords } from '../../words/facts.js';
import { Chip } from './Chip.js';
import css from './Orders.module.css';

const kinds: readonly Trouble[] = ['any', 'overdue', 'parked', 'dead'];

/** What kind of trouble, and what is not known of it. */
export function Troubles({ filter, troubles }: { filter: OrdersSearch; troubles: OrderTroubles | undefined }) {
  const isPast = filter.at !== undefined;
  return (
    <>
      <nav className={css.kinds} aria-label="Trouble">
        {kinds.map((trouble) => (
          <Chip
            key={trouble}
            words={troubleWords[trouble]}
            count={troubles?.[trouble]}
            filter={filter}
            to={{ trouble }}
            isOn={filter.trouble === trouble}
            refusal={isPast && trouble !== 'overdue' ? NOT_KEPT : undefined}
          />
        ))}
      </nav>
      {isPast && <p className={css.unknown}>{NOT_KEPT}</p>}
      {troubles?.overdue === null && <p className={css.unknown}>{NO_DEADLINE}</p>}
      {troubles !== undefined && troubles.silent.length > 0 && (
        <p className={css.unknown}>
          {troubles.silent.join(', ')} {troubles.silent.length === 1 ? 'does' : 'do'} not answer: what is parked there
          is not known.
        </p>
      )}
    </>
  );
}

const NOT_KEPT = 'The services keep what is parked as it is now: of the past, only what was overdue is known.';
const NO_DEADLINE = 'What is overdue is not known: the console has no ORDER_DEADLINE_SECONDS.';
