import type { OrderCounts } from '@orderflow/console-api';
import { Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import type { OrdersSearch } from '../../search-params.js';
import css from './Orders.module.css';

const MOST_COUNTED = 10_001;
const counted = (count: number | undefined): string => {
  if (count === undefined) return '';
  return count >= MOST_COUNTED ? '10,000+' : count.toLocaleString('en-GB');
};

type Chip = readonly [
  words: string,
  count: keyof OrderCounts,
  status: OrdersSearch['status'],
  settled: OrdersSearch['settled'],
];

const chips: readonly Chip[] = [
  ['All', 'all', undefined, undefined],
  ['Under way', 'underWay', undefined, 'false'],
  ['Confirmed', 'confirmed', 'confirmed', undefined],
  ['Cancelled', 'cancelled', 'cancelled', undefined],
];

export function FilterBar({ filter, counts }: { filter: OrdersSearch; counts: OrderCounts | undefined }) {
  return (
    <div className={css.filters}>
      {chips.map(([words, count, status, settled]) => (
        <Link
          key={words}
          to="/orders"
          search={{ ...filter, status, settled }}
          className={css.chip}
          activeOptions={{ exact: true, includeSearch: true }}
        >
          {words} <b>{counted(counts?.[count])}</b>
        </Link>
      ))}
      <div className={css.by}>
        <TextFilter key={`c ${filter.customerId}`} name="customerId" words="Customer" filter={filter} />
        <TextFilter key={`s ${filter.sku}`} name="sku" words="Product" filter={filter} />
      </div>
    </div>
  );
}

/** Applied on Enter and when it loses the focus: not at every letter. */
function TextFilter(props: { name: 'customerId' | 'sku'; words: string; filter: OrdersSearch }) {
  const { name, words, filter } = props;
  const navigate = useNavigate({ from: '/orders' });
  const [text, setText] = useState(filter[name] ?? '');
  const apply = (event?: FormEvent): void => {
    event?.preventDefault();
    const value = text.trim() === '' ? undefined : text.trim();
    if (value !== filter[name]) void navigate({ search: { ...filter, [name]: value } });
  };
  return (
    <form onSubmit={apply} style={{ display: 'contents' }}>
      <input
        value={text}
        aria-label={words}
        placeholder={words}
        spellCheck={false}
        autoComplete="off"
        onChange={({ target }) => setText(target.value)}
        onBlur={() => apply()}
      />
    </form>
  );
}
