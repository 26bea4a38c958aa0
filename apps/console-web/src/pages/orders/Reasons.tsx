import type { OrdersSearch } from '../../search-params.js';
import { reasonWords } from '../../words/facts.js';
import { Chip } from './Chip.js';
import css from './Orders.module.css';

const reasons = ['out_of_stock', 'payment_declined', 'timed_out', 'customer_request'] as const;

/** Why they were cancelled. */
export const Reasons = ({ filter }: { filter: OrdersSearch }) => (
  <nav className={css.kinds} aria-label="Reason">
    <Chip words="any reason" filter={filter} to={{ status: 'cancelled' }} isOn={filter.reason === undefined} />
    {reasons.map((reason) => (
      <Chip
        key={reason}
        words={reasonWords[reason]}
        filter={filter}
        to={{ status: 'cancelled', reason }}
        isOn={filter.reason === reason}
      />
    ))}
  </nav>
);
