import type { Letter, LetterDryRun } from '@orderflow/console-api';
import { useMutation } from '@tanstack/react-query';
import { post } from '../../api/client.js';
import { Button, Note } from '../../ui/parts.js';
import { countOf } from '../../words/format.js';
import { visible } from '../../words/visible.js';
import css from './Dialog.module.css';
import { addressOf, nameOf } from './selection.js';

const SHOWN = 5;

/** What a retry would do: the services run their real handlers and roll back. Calls have none: they would be made. */
export function DryRun({ letters }: { letters: readonly Letter[] }) {
  const events = letters.filter(({ kind }) => kind === 'event');
  const calls = letters.length - events.length;
  const run = useMutation({
    mutationFn: async () => post<LetterDryRun>('/api/letters/dry-run', { letters: events.map(addressOf) }),
  });
  return (
    <div className={css.dryRun}>
      {events.length > 0 && (
        <p>
          <Button disabled={run.isPending} onClick={() => run.mutate()}>
            {run.isPending ? 'Trying, nothing is kept' : `Dry run of ${countOf(events.length, 'event')}`}
          </Button>
        </p>
      )}
      {calls > 0 && (
        <p className={css.soft}>
          {countOf(calls, 'call has', 'calls have')} no dry run: the other side would be asked.
        </p>
      )}
      {run.error && (
        <Note tone="bad">
          <p>{run.error.message} Nothing was changed.</p>
        </Note>
      )}
      <div role="status">{run.data && <Result result={run.data} />}</div>
    </div>
  );
}

function Result({ result }: { result: LetterDryRun }) {
  const { asked, handled, known, fails, untried, behind, items } = result;
  const publishes = countsOf(
    items
      .flatMap((it) => [it, ...it.behind])
      .flatMap((it) => [...it.publishes, ...it.calls.map((kind) => `call ${kind}`)]),
  );
  const failing = items.flatMap((it) =>
    [it, ...it.behind].filter(({ outcome }) => outcome === 'fails').map((one) => ({ ...one, of: it.letter })),
  );
  const sum = [
    `${handled} would be handled`,
    `${fails} fail`,
    ...(known > 0 ? [`${known} only removed`] : []),
    ...(untried > 0 ? [`${untried} changed meanwhile`] : []),
  ];
  const followers = behind.handled + behind.known + behind.fails;
  return (
    <div className={fails > 0 ? css.fails : css.passes}>
      <p>
        <strong>
          Of {asked}: {sum.join(', ')}.
        </strong>{' '}
        {followers > 0 && `Behind them ${behind.handled + behind.known} would follow, ${behind.fails} fail. `}
        Nothing was changed.
      </p>
      {publishes.length > 0 && <p>They would say {publishes.join(', ')}.</p>}
      {failing.length > 0 && (
        <ul>
          {failing.slice(0, SHOWN).map((it, index) => (
            <li key={index}>
              <bdi>
                {nameOf(it.of)}: {visible(it.reason ?? 'no reason')}
              </bdi>
            </li>
          ))}
          {failing.length > SHOWN && <li>and {failing.length - SHOWN} more</li>}
        </ul>
      )}
    </div>
  );
}

/** `StockReserved ×2`. */
const countsOf = (names: readonly string[]): string[] =>
  [...new Set(names)].map((name) => {
    const count = names.filter((it) => it === name).length;
    return count > 1 ? `${name} ×${count}` : name;
  });
