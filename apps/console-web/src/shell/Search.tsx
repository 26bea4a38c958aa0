import type { SearchHit } from '@orderflow/console-api';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useDeferredValue, useRef, useState } from 'react';
import { searchQuery } from '../api/queries.js';
import { Icon } from '../ui/icons.js';
import { useShortcuts } from './keys.js';
import css from './Search.module.css';

/** One box that finds an order by anything that one knows of it. */
export function Search() {
  const input = useRef<HTMLInputElement>(null);
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const q = useDeferredValue(text.trim());
  const { data, error, isFetching } = useQuery(searchQuery(q));
  useShortcuts([{ keys: '/', says: 'find', run: () => input.current?.focus() }]);

  const hits = q === '' ? [] : (data?.hits ?? []);
  const selected = hits[Math.min(active, hits.length - 1)];
  const open = (hit: SearchHit | undefined): void => {
    if (hit === undefined) return;
    setOpen(false);
    setText('');
    input.current?.blur();
    const event = hit.eventId ?? undefined;
    if (hit.orderId !== null)
      void navigate({ to: '/orders/$orderId', params: { orderId: hit.orderId }, search: { event } });
    else if (hit.kind === 'customer') void navigate({ to: '/orders', search: { customerId: hit.id } });
    else if (hit.kind === 'sku') void navigate({ to: '/orders', search: { sku: hit.id } });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setActive(Math.max(0, Math.min(hits.length - 1, active + step)));
    } else if (event.key === 'Enter') open(selected);
    else if (event.key === 'Escape') {
      setOpen(false);
      input.current?.blur();
    }
  };
  const isListed = isOpen && q !== '';
  return (
    <div className={css.search} role="search">
      <div className={css.box}>
        <Icon name="search" />
        <input
          ref={input}
          value={text}
          role="combobox"
          aria-label="Find an order, customer, product, trace or event"
          aria-expanded={isListed}
          aria-controls="search-hits"
          aria-autocomplete="list"
          aria-activedescendant={isListed && selected ? hitId(hits.indexOf(selected)) : undefined}
          autoComplete="off"
          spellCheck={false}
          placeholder="Order, customer, trace …"
          onChange={({ target }) => {
            setText(target.value);
            setActive(0);
            setOpen(true);
          }}
          onFocus={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onKeyDown={onKeyDown}
        />
        <kbd aria-hidden="true">/</kbd>
      </div>
      {isListed && (
        <div className={css.hits}>
          <ul id="search-hits" role="listbox" aria-label="Found">
            {hits.map((hit, index) => (
              <li
                key={`${hit.kind} ${hit.id} ${hit.orderId}`}
                id={hitId(index)}
                role="option"
                aria-selected={hit === selected}
                // Before the box loses the focus, which closes the list.
                onMouseDown={() => open(hit)}
                onMouseMove={() => setActive(index)}
              >
                <span className={css.kind}>{hit.kind}</span>
                <span>{hit.title}</span>
              </li>
            ))}
          </ul>
          {hits.length === 0 && <p role="status">{emptyWords(q, isFetching, error)}</p>}
        </div>
      )}
    </div>
  );
}

const hitId = (index: number): string => `search-hit-${index}`;

function emptyWords(q: string, isFetching: boolean, error: Error | null): string {
  if (error) return error.message;
  return isFetching ? 'Looking …' : `Nothing is known as “${q}”.`;
}
