import type { AuditFinding, AuditReport } from '@orderflow/console-api';
import { Link } from '@tanstack/react-router';
import { useStore } from '../../live/store.js';
import { zone } from '../../shell/settings.js';
import { classes, panel, Tag } from '../../ui/parts.js';
import { countOf, durationOf, instantOf } from '../../words/format.js';
import { visible } from '../../words/visible.js';
import { besides, brokenIn, inOrder, orderIn, type Verdict, verdictOf, verdictWords } from './proof.js';
import css from './Proof.module.css';

const looks = {
  green: { tone: 'good', icon: 'check', word: 'adds up' },
  old: { tone: 'open', icon: 'clock', word: 'added up, more than a day ago' },
  red: { tone: 'no', icon: 'cross', word: 'does not add up' },
} as const satisfies Record<Verdict, unknown>;

/** A report of the audit: each rule with the figures of both sides. */
export function Audit({ report, now, isChosen }: { report: AuditReport; now: string; isChosen: boolean }) {
  const shown = useStore(zone);
  const { tone, icon, word } = looks[verdictOf(report, now)];
  const more = besides(report);
  return (
    <section className={classes(panel, css.box)} aria-labelledby="audit">
      <div className={css.head}>
        <h2 id="audit">{isChosen ? 'An earlier audit' : 'The last audit'}</h2>
        {isChosen && (
          <Link to="/proof" search={({ at }) => ({ at })}>
            to the last one
          </Link>
        )}
      </div>
      <p className={css.verdict}>
        <Tag tone={tone} icon={icon}>
          {word}
        </Tag>
        <span>
          {verdictWords(report)} <time dateTime={report.at}>{instantOf(report.at, shown)}</time>,{' '}
          {durationOf(Math.max(0, Date.parse(now) - Date.parse(report.at)))} ago.
        </span>
      </p>
      {brokenIn(report).map((finding) => (
        <Violations key={finding.id} finding={finding} />
      ))}
      <table className={css.table}>
        <caption>Rules, with the figures of both sides</caption>
        <thead>
          <tr>
            <th scope="col">rule</th>
            <th scope="col">expected</th>
            <th scope="col">found</th>
            <th scope="col">holds</th>
          </tr>
        </thead>
        <tbody>
          {inOrder(report.findings).map((it) => (
            <Rule key={it.id} finding={it} />
          ))}
        </tbody>
      </table>
      {more.length > 0 && <p className={css.soft}>Breaks no rule: {more.join(', ')}.</p>}
    </section>
  );
}

const Rule = ({ finding: { id, rule, expected, found, count } }: { finding: AuditFinding }) => (
  <tr>
    <th scope="row">
      {visible(rule)}
      <small>{id}</small>
    </th>
    <td data-name="expected">{visible(expected)}</td>
    <td data-name="found">{visible(found)}</td>
    <td data-name="holds">
      {count === 0 ? (
        <Tag tone="good" icon="check">
          yes
        </Tag>
      ) : (
        <Tag tone="no" icon="cross">
          {countOf(count, 'violation')}
        </Tag>
      )}
    </td>
  </tr>
);

function Violations({ finding: { rule, count, violations } }: { finding: AuditFinding }) {
  const more = count - violations.length;
  return (
    <div className={css.broken}>
      <h3>{visible(rule)}</h3>
      <ul>
        {violations.map((it, index) => (
          <li key={index}>
            <Subject subject={it.subject} />
            <span>
              {visible(it.found)}; expected: {visible(it.expected)}
            </span>
          </li>
        ))}
        {more > 0 && <li className={css.soft}>and {countOf(more, 'more', 'more')}</li>}
      </ul>
    </div>
  );
}

function Subject({ subject }: { subject: string }) {
  const orderId = orderIn(subject);
  if (orderId === undefined) return <code>{visible(subject)}</code>;
  return (
    <Link to="/orders/$orderId" params={{ orderId }}>
      <code>{visible(subject)}</code>
    </Link>
  );
}
