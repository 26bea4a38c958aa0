import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lettersQuery } from '../../api/letter-queries.js';
import { useStore } from '../../live/store.js';
import { zone } from '../../shell/settings.js';
import { Icon } from '../../ui/icons.js';
import { classes, panel } from '../../ui/parts.js';
import { instantOf } from '../../words/format.js';
import { groupSubject, sizeOf } from '../../words/letters.js';
import { visible } from '../../words/visible.js';
import css from './Now.module.css';

const SHOWN = 4;

/** Trouble that does not end by itself, by its cause. Where there is none, the page says nothing about it. */
export function NeedsPerson() {
  const { data } = useQuery(lettersQuery());
  const shown = useStore(zone);
  const groups = data?.groups.filter(({ waitsFor }) => waitsFor === 'person') ?? [];
  if (groups.length === 0) return null;
  return (
    <section className={classes(panel, css.box, css.trouble)} aria-labelledby="needs-person">
      <h2 id="needs-person">Needs a person</h2>
      <ul>
        {groups.slice(0, SHOWN).map((group) => (
          <li key={group.key}>
            <Link to="/letters" search={{ group: group.key }}>
              <Icon name="cross" size={14} />
              <span>
                <b>
                  <bdi>{visible(group.cause) || 'without a reason'}</bdi>
                </b>{' '}
                <bdi>{visible(groupSubject(group))}</bdi> · {sizeOf(group)} · since {instantOf(group.oldest, shown)}
              </span>
            </Link>
          </li>
        ))}
        {groups.length > SHOWN && (
          <li>
            <Link to="/letters">and {groups.length - SHOWN} more</Link>
          </li>
        )}
      </ul>
    </section>
  );
}
