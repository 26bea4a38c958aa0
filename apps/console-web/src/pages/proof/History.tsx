import type { AuditSummary } from '@orderflow/console-api';
import { Link } from '@tanstack/react-router';
import { useStore } from '../../live/store.js';
import { zone } from '../../shell/settings.js';
import { Icon } from '../../ui/icons.js';
import { classes, panel } from '../../ui/parts.js';
import { countOf, instantOf } from '../../words/format.js';
import css from './Proof.module.css';

/** The audits, the oldest first. Each one opens its report. @param shown the time of the report on the page */
export function History({ items, shown }: { items: readonly AuditSummary[]; shown: string | undefined }) {
  const shownZone = useStore(zone);
  const wordsOf = ({ at, rules, broken }: AuditSummary): string =>
    `${instantOf(at, shownZone)}: ${broken === 0 ? `all ${countOf(rules, 'rule')} held` : `${broken} of ${countOf(rules, 'rule')} broken`}`;
  const { length: red } = items.filter(({ broken }) => broken > 0);
  return (
    <section className={classes(panel, css.box)} aria-labelledby="history">
      <div className={css.head}>
        <h2 id="history">History</h2>
        <span className={css.soft}>
          {countOf(items.length, 'audit')}, {red === 0 ? 'none' : red} with a broken rule
        </span>
      </div>
      <ol className={css.history}>
        {items.toReversed().map((it) => (
          <li key={it.at}>
            <Link
              to="/proof"
              search={({ at }) => ({ at, audit: it.at })}
              aria-label={wordsOf(it)}
              aria-current={it.at === shown ? 'true' : undefined}
              title={wordsOf(it)}
              data-broken={it.broken > 0}
              resetScroll={false}
            >
              <Icon name={it.broken === 0 ? 'check' : 'cross'} size={14} />
            </Link>
          </li>
        ))}
      </ol>
    </section>
  );
}
