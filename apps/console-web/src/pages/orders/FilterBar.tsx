import type { OrderCounts, OrderTroubles } from '@orderflow/console-api';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import type { OrdersSearch } from '../../search-params.js';
import { Chip } from './Chip.js';
import css from './Orders.module.css';
import { Reasons } from './Reasons.js';
import { Troubles } from './Troubles.js';

interface Props {
  readonly filter: OrdersSearch;
  readonly counts: OrderCounts | undefined;
  readonly troubles: OrderTroubles | undefined;
}

/** Chips that filter, with the number of orders behind each; a chip of several kinds shows them in a row of its own. */
export function FilterBar({ filter, counts, troubles }: Props) {
  const { status, settled, reason, trouble } = filter;
  const isCancelled = status === 'cancelled' || reason !== undefined;
  const isPast = filter.at !== undefined;
  const inTrouble = isPast ? troubles?.overdue : troubles?.any;
  return (
    <>
      <div className={css.filters}>
        <Chip
          words="All"
          count={counts?.all}
          filter={filter}
          to={{}}
          isOn={(status ?? settled ?? reason ?? trouble) === undefined}
        />
        <Chip
          words="Under way"
          count={counts?.underWay}
          filter={filter}
          to={{ settled: 'false' }}
          isOn={settled === 'false'}
        />
        <Chip
          words="In trouble"
          count={inTrouble}
          filter={filter}
          to={{ trouble: isPast ? 'overdue' : 'any' }}
          isOn={trouble !== undefined}
          isAlarm
        />
        <Chip
          words="Confirmed"
          count={counts?.confirmed}
          filter={filter}
          to={{ status: 'confirmed' }}
          isOn={status === 'confirmed'}
        />
        <Chip
          words="Cancelled"
          count={counts?.cancelled}
          filter={filter}
          to={{ status: 'cancelled' }}
          isOn={isCancelled}
        />
        <div className={css.by}>
          <TextFilter key={`c ${filter.customerId}`} name="customerId" words="Customer" filter={filter} />
          <TextFilter key={`s ${filter.sku}`} name="sku" words="Product" filter={filter} />
        </div>
      </div>
      {trouble !== undefined && <Troubles filter={filter} troubles={troubles} />}
      {isCancelled && <Reasons filter={filter} />}
    </>
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
