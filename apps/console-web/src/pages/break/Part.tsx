import type { Breaks, BrokenPart } from '@orderflow/console-api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { post } from '../../api/client.js';
import { breaksQuery } from '../../api/queries.js';
import { Note, panel, Tag, classes } from '../../ui/parts.js';
import css from './Break.module.css';
import { standingWords } from './break-words.js';
import type { parts } from './offers.js';

interface Props {
  readonly title: string;
  readonly offers: (typeof parts)[number]['offers'];
  readonly standing: BrokenPart;
  /** When the answer was given, by the clock of the console. */
  readonly now: number;
  /** How long the next break lasts. */
  readonly seconds: number;
  /** Why nothing can be broken now; undefined where it can. */
  readonly why: string | undefined;
}

const icons = { good: 'check', no: 'cross', open: 'dots', plain: undefined } as const;

/** A part of the outside world, what can be broken about it, and how the orders heal afterwards. */
export function Part({ title, offers, standing, now, seconds, why }: Props) {
  const queries = useQueryClient();
  const turn = useMutation({
    mutationFn: async ({ name, isOn }: { name: string; isOn: boolean }) =>
      isOn ? post<Breaks>(`/api/breaks/${name}/end`) : post<Breaks>(`/api/breaks/${name}`, { forSeconds: seconds }),
    onSuccess: (next) => queries.setQueryData(breaksQuery.queryKey, next),
  });
  const { tone, tag, text } = standingWords(standing, useTicking(now));
  return (
    <section className={classes(panel, css.part)} aria-label={title}>
      <div className={css.head}>
        <h2>{title} …</h2>
        <Tag tone={tone} icon={icons[tone]}>
          {tag}
        </Tag>
      </div>
      <p className={css.standing}>{text}</p>
      <ul>
        {offers.map(({ name, words, about }) => (
          <li key={name}>
            <button
              type="button"
              role="switch"
              className={css.switch}
              aria-checked={standing.on === name}
              disabled={why !== undefined || turn.isPending}
              title={why}
              onClick={() => turn.mutate({ name, isOn: standing.on === name })}
            >
              <span className={css.knob} aria-hidden="true" />
              <span>
                <b>… {words}</b>
                <small>{about}</small>
              </span>
            </button>
          </li>
        ))}
      </ul>
      {turn.error && (
        <Note tone="bad">
          <p>
            <strong>The console did not do it.</strong> {turn.error.message}
          </p>
        </Note>
      )}
    </section>
  );
}

const TICK_MS = 250;

/** The clock of the console, which goes on from its last answer. */
function useTicking(answeredAt: number): number {
  const [elapsed, setElapsed] = useState(0);
  useEffect(() => {
    const began = performance.now();
    setElapsed(0);
    const timer = setInterval(() => setElapsed(performance.now() - began), TICK_MS);
    return () => clearInterval(timer);
  }, [answeredAt]);
  return answeredAt + elapsed;
}
