import type { Flow, GroupLag } from '@orderflow/console-api';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useStore } from '../../live/store.js';
import { zone } from '../../shell/settings.js';
import { classes, panel } from '../../ui/parts.js';
import { durationOf } from '../../words/format.js';
import { laneColour } from '../../words/services.js';
import { Bars } from './Bars.js';
import { ageOf, rateOf, rateWords, readingWords } from './figures.js';
import css from './Flow.module.css';

/** The figures of the map, to read, to copy, and for narrow screens. */
export const FlowTables = ({ flow }: { flow: Flow }) => (
  <>
    <EventTable flow={flow} topics={flow.topics.map(({ topic }) => topic)} />
    <div className={css.stack}>
      <OutboxTable producers={flow.producers} />
      <TopicTable flow={flow} />
    </div>
    <GroupTable groups={flow.groups} />
  </>
);

/** The events of some topics. */
export function EventTable({ flow, topics }: { flow: Flow; topics: readonly string[] }) {
  const rows = flow.topics
    .filter(({ topic }) => topics.includes(topic))
    .flatMap(({ topic, events }) => events.map((type) => ({ topic, type })));
  return (
    <Table title="Events, the last minute" heads={['event', 'rate']}>
      {rows.map(({ topic, type }) => (
        <tr key={type}>
          <th scope="row">
            <Lane program={publisherOf(flow, topic)} />
            <Link to="/catalog/$type" params={{ type }}>
              {type}
            </Link>
            <small>{topic}</small>
          </th>
          <td>
            <RateFigure flow={flow} types={[type]} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

function TopicTable({ flow }: { flow: Flow }) {
  return (
    <Table title="Topics, the last minute" heads={['topic', 'rate']}>
      {flow.topics.map(({ topic, events }) => (
        <tr key={topic}>
          <th scope="row">
            <Lane program={publisherOf(flow, topic)} />
            {topic}
          </th>
          <td>
            <RateFigure flow={flow} types={events} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

export const publisherOf = ({ producers }: Flow, topic: string): string =>
  producers.find(({ topics }) => topics.includes(topic))?.service ?? '';

/** How many events of these types come, and the bars of the last minute. */
export function RateFigure({ flow, types }: { flow: Flow; types: readonly string[] }) {
  const shown = useStore(zone);
  const rate = rateOf(flow, types);
  if (rate === undefined) return <span>{readingWords(flow.rates, () => '', shown)}</span>;
  return (
    <span className={css.rate}>
      {rateWords(rate)}
      <Bars bars={rate.bars} />
    </span>
  );
}

export function OutboxTable({ producers }: { producers: Flow['producers'] }) {
  const shown = useStore(zone);
  return (
    <Table title="Outboxes" heads={['service', 'pending', 'oldest', 'rejected']}>
      {producers.map(({ service, outbox }) => (
        <tr key={service}>
          <th scope="row">
            <Lane program={service} />
            {service}
          </th>
          {outbox.state === 'known' ? (
            <>
              <td>{outbox.value.pending.toLocaleString('en-GB')}</td>
              <td>{outbox.value.pending === 0 ? '–' : durationOf(outbox.value.oldestAgeMs)}</td>
              <td>{outbox.value.rejected}</td>
            </>
          ) : (
            <td colSpan={3}>{readingWords(outbox, () => '', shown)}</td>
          )}
        </tr>
      ))}
    </Table>
  );
}

export function GroupTable({ groups }: { groups: Flow['groups'] }) {
  const shown = useStore(zone);
  return (
    <Table title="Consumer groups" heads={['group', 'records behind', 'oldest', 'expired']}>
      {groups.map(({ group, program, lag }) => (
        <tr key={group}>
          <th scope="row">
            <Lane program={program} />
            {group}
          </th>
          {lag.state === 'known' ? (
            <>
              <td>{lag.value.records.toLocaleString('en-GB')}</td>
              <td>{age(lag.value, lag.at)}</td>
              <td>{lag.value.expired.toLocaleString('en-GB')}</td>
            </>
          ) : (
            <td colSpan={3}>{readingWords(lag, () => '', shown)}</td>
          )}
        </tr>
      ))}
    </Table>
  );
}

/** How old the oldest record is that a group has not read. */
function age(lag: GroupLag, at: string): string {
  const ms = ageOf(lag, at);
  return ms === undefined ? '–' : durationOf(ms);
}

export const Lane = ({ program }: { program: string }) => (
  <span className={css.lane} style={{ ['--lane' as string]: laneColour(program) }} aria-hidden="true" />
);

export const Table = ({ title, heads, children }: { title: string; heads: readonly string[]; children: ReactNode }) => (
  <div className={classes(panel, css.tableBox)}>
    <table className={css.table}>
      <caption>{title}</caption>
      <thead>
        <tr>
          {heads.map((head) => (
            <th key={head} scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  </div>
);
