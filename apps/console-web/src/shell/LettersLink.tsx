import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lettersQuery } from '../api/letter-queries.js';
import { ForReaders } from '../ui/parts.js';
import css from './Shell.module.css';

/** The link to the dead letters, with how many wait for a person: it is seen on every page. */
export function LettersLink() {
  const { data } = useQuery(lettersQuery());
  const count = data?.figures.needPerson ?? 0;
  return (
    <Link to="/letters" activeOptions={{ includeSearch: false }}>
      Letters
      {count > 0 && (
        <>
          {' '}
          <b className={css.count}>{count.toLocaleString('en-GB')}</b>
          <ForReaders> wait for a person</ForReaders>
        </>
      )}
    </Link>
  );
}
