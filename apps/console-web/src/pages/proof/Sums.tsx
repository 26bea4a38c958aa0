import type { JournalSums, MoneySums, Proof } from '@orderflow/console-api';
import { Link } from '@tanstack/react-router';
import { useStore } from '../../live/store.js';
import { zone } from '../../shell/settings.js';
import { classes, panel, Tag } from '../../ui/parts.js';
import { countOf, moneyOf, shortId, timeOf } from '../../words/format.js';
import { addsUp, keptOf, leftOut } from './proof.js';
import css from './Proof.module.css';

/** What the journal alone tells. */
export function Sums({ reading }: { reading: Proof['sums'] }) {
  const shown = useStore(zone);
  return (
    <section className={classes(panel, css.box)} aria-labelledby="sums">
      <div className={css.head}>
        <h2 id="sums">What the services said</h2>
        {reading.state === 'known' && (
          <span className={css.soft}>counted at {timeOf(reading.at, shown).slice(0, 8)}</span>
        )}
      </div>
      {reading.state === 'known' && <Known sums={reading.value} />}
      {reading.state === 'unknown' && (
        <p>
          <Tag tone="open" icon="warning">
            not known since {timeOf(reading.since, shown).slice(0, 8)}
          </Tag>{' '}
          {reading.why}
        </p>
      )}
      {reading.state === 'not_kept' && <p className={css.soft}>Sums of the past are kept nowhere.</p>}
    </section>
  );
}

function Known({ sums }: { sums: JournalSums }) {
  const without = leftOut(sums);
  return (
    <>
      {sums.money.length === 0 ? (
        <p className={css.soft}>The journal has no order yet.</p>
      ) : (
        <table className={css.table}>
          <caption>Money of the settled orders, by currency</caption>
          <thead>
            <tr>
              <th scope="col">currency</th>
              <th scope="col">captured</th>
              <th scope="col">refunded</th>
              <th scope="col">kept</th>
              <th scope="col">confirmed</th>
              <th scope="col">adds up</th>
            </tr>
          </thead>
          <tbody>
            {sums.money.map((it) => (
              <Currency key={it.currency} sums={it} />
            ))}
          </tbody>
        </table>
      )}
      <UnderWay money={sums.money} />
      {without !== '' && <p className={css.soft}>{without}</p>}
      <Gaps gaps={sums.gaps} />
    </>
  );
}

function Currency({ sums }: { sums: MoneySums }) {
  const { currency, settled } = sums;
  const money = (amount: number) => moneyOf(amount, currency);
  return (
    <tr>
      <th scope="row">
        {currency}
        <small>{countOf(settled.orders, 'order')}</small>
      </th>
      <td data-name="captured">{money(settled.captured)}</td>
      <td data-name="refunded">{money(settled.refunded)}</td>
      <td data-name="kept">{money(keptOf(sums))}</td>
      <td data-name="confirmed">{money(settled.confirmed)}</td>
      <td data-name="adds up">
        {addsUp(sums) ? (
          <Tag tone="good" icon="check">
            yes
          </Tag>
        ) : (
          <Tag tone="no" icon="cross">
            {countOf(settled.differing, 'order')} {settled.differing === 1 ? 'differs' : 'differ'}
          </Tag>
        )}
      </td>
    </tr>
  );
}

function UnderWay({ money }: { money: readonly MoneySums[] }) {
  const open = money.filter(({ underWay }) => underWay.orders > 0);
  if (open.length === 0) return null;
  const orders = open.reduce((sum, { underWay }) => sum + underWay.orders, 0);
  const kept = open.map(({ currency, underWay }) => moneyOf(underWay.kept, currency)).join(', ');
  return (
    <p className={css.soft}>
      Beside them {countOf(orders, 'order is', 'orders are')} under way, of which {kept} {orders === 1 ? 'is' : 'are'}{' '}
      kept so far.
    </p>
  );
}

function Gaps({ gaps }: { gaps: JournalSums['gaps'] }) {
  if (gaps.orders === 0)
    return (
      <p>
        <Tag tone="good" icon="check">
          no gap
        </Tag>{' '}
        The events of each service about an order are numbered, and no number is missing.
      </p>
    );
  return (
    <p>
      <Tag tone="no" icon="cross">
        {countOf(gaps.events, 'event is', 'events are')} missing
      </Tag>{' '}
      of {countOf(gaps.orders, 'order')}:{' '}
      {gaps.first.map((orderId, index) => (
        <span key={orderId}>
          {index > 0 && ', '}
          <Link to="/orders/$orderId" params={{ orderId }}>
            {shortId(orderId)}
          </Link>
        </span>
      ))}
      {gaps.orders > gaps.first.length && ' …'}
    </p>
  );
}
