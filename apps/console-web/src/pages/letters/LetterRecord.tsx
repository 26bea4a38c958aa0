import type { OpenedLetter } from '@orderflow/console-api';
import { useStore } from '../../live/store.js';
import { zone } from '../../shell/settings.js';
import { instantOf } from '../../words/format.js';
import { visible } from '../../words/visible.js';
import css from './Letter.module.css';

/** Where it is kept and where it came from, and its headers. */
export function LetterRecord({ letter, Heading }: { letter: OpenedLetter; Heading: 'h2' | 'h3' }) {
  const { service, id, consumer, place, attempts, since, deadAt, headers, kind } = letter;
  const shown = useStore(zone);
  const pairs: readonly (readonly [string, string | null])[] = [
    [kind === 'call' ? 'key' : 'id', `${service}/${id}`],
    ['group', consumer],
    ['record', place],
    ['attempts', kind === 'range' ? null : String(attempts)],
    [kind === 'call' ? 'asked for' : kind === 'range' ? 'found' : 'parked', instantOf(since, shown)],
    ['dead', deadAt === null ? null : instantOf(deadAt, shown)],
  ];
  return (
    <>
      <dl className={css.pairs}>
        {pairs.map(([name, value]) => value !== null && <Pair key={name} name={name} value={value} />)}
      </dl>
      {kind === 'event' && (
        <>
          <Heading>Headers</Heading>
          {headers.length === 0 && <p className={css.soft}>It has none.</p>}
          <dl className={css.pairs}>
            {headers.map(({ name, value }, index) => (
              <Pair key={index} name={visible(name)} value={value} />
            ))}
          </dl>
        </>
      )}
    </>
  );
}

const Pair = ({ name, value }: { name: string; value: string }) => (
  <div>
    <dt>
      <bdi>{name}</bdi>
    </dt>
    <dd>
      <code>
        <bdi>{visible(value)}</bdi>
      </code>
    </dd>
  </div>
);
