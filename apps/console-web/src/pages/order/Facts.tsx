import type { Story } from '@orderflow/console-api';
import { useQuery } from '@tanstack/react-query';
import { meQuery } from '../../api/queries.js';
import { Icon } from '../../ui/icons.js';
import { buttonLook, Tag } from '../../ui/parts.js';
import { type Fact, mailFact, moneyFacts, statusFact, stockFacts } from '../../words/facts.js';
import { durationOf } from '../../words/format.js';
import { CancelOrder } from './CancelOrder.js';
import type { Moment } from './moment.js';
import css from './Order.module.css';

/** The order in five words, and what can be done with it. */
export function Facts({ story, moment, isPast }: { story: Story; moment: Moment; isPast: boolean }) {
  const { view } = moment;
  const { data: me } = useQuery(meQuery);
  const { orderId, traceId } = story.order;
  const traces = me?.tracesUrl ?? undefined;
  const facts: Record<string, Fact> = {
    status: statusFact(view.status),
    stock: stockFacts[view.stock],
    money: moneyFacts[view.payment],
    mail: mailFact(view.sequences.notifications),
    settled: settledFact(moment),
  };
  return (
    <div className={css.factBar}>
      <dl className={css.facts}>
        {Object.entries(facts).map(([name, { word, tone, icon }]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <Tag tone={tone} icon={icon}>
                {word}
              </Tag>
            </dd>
          </div>
        ))}
      </dl>
      <div className={css.buttons}>
        {traces !== undefined && traceId !== null && (
          <a className={buttonLook} href={`${traces}/trace/${traceId}`} target="_blank" rel="noreferrer">
            Trace <Icon name="out" size={13} />
          </a>
        )}
        <CancelOrder orderId={orderId} status={view.status} isPast={isPast} />
      </div>
    </div>
  );
}

function settledFact({ events, settled }: Moment): Fact {
  if (!settled) return { word: 'not yet', tone: 'open', icon: 'dots' };
  const [first, last] = [events[0], events.at(-1)];
  const ms = Date.parse(last?.appendedAt ?? '') - Date.parse(first?.appendedAt ?? '');
  return { word: `after ${durationOf(ms)}`, tone: 'good', icon: 'check' };
}
