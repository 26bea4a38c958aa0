import { Link } from '@tanstack/react-router';
import type { OrdersSearch } from '../../search-params.js';
import css from './Orders.module.css';

/** What chips set: one replaces what another has set, and leaves customer, product and instant. */
export type Kind = Pick<OrdersSearch, 'status' | 'settled' | 'reason' | 'trouble'>;

// The schemas of the API would come with the constant of that name.
const MOST_COUNTED = 10_001;

const anyKind: Kind = { status: undefined, settled: undefined, reason: undefined, trouble: undefined };

interface Props {
  readonly words: string;
  /** Of orders; null where it is not known. */
  readonly count?: number | null | undefined;
  readonly filter: OrdersSearch;
  readonly to: Kind;
  readonly isOn: boolean;
  /** A count above 0 is bad news. */
  readonly isAlarm?: boolean;
  /** Why it cannot be chosen. */
  readonly refusal?: string | undefined;
}

export function Chip({ words, count, filter, to, isOn, isAlarm = false, refusal }: Props) {
  const label = (
    <>
      {words}
      {typeof count === 'number' && <b data-alarm={isAlarm && count > 0}>{counted(count)}</b>}
    </>
  );
  if (refusal !== undefined)
    return (
      <span className={css.chip} aria-disabled="true" title={refusal}>
        {label}
      </span>
    );
  return (
    <Link
      to="/orders"
      search={{ ...filter, ...anyKind, ...to }}
      className={css.chip}
      activeOptions={{ exact: true, includeSearch: true }}
      aria-current={isOn || undefined}
    >
      {label}
    </Link>
  );
}

const counted = (count: number): string =>
  count >= MOST_COUNTED ? `${(MOST_COUNTED - 1).toLocaleString('en-GB')}+` : count.toLocaleString('en-GB');
