import type { Flow } from '@orderflow/console-api';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useStore } from '../../live/store.js';
import { zone } from '../../shell/settings.js';
import { classes, ForReaders } from '../../ui/parts.js';
import { laneColour } from '../../words/services.js';
import { groupWaits, lagWords, outboxWaits, outboxWords, rateOf, readingWords, typesOn } from './figures.js';
import css from './Flow.module.css';
import { RateFigure } from './FlowTables.js';
import { COLUMNS, type Edge, type FlowLayout, type Node, widthOf } from './map.js';

interface Props {
  readonly flow: Flow;
  readonly layout: FlowLayout;
  readonly selected: string | undefined;
}

/** Who publishes to which topic, and who reads it. The same figures are in the tables. */
export function FlowMap({ flow, layout, selected }: Props) {
  const shown = useStore(zone);
  const about = { selected };
  return (
    <div className={css.scene}>
      <div className={css.columns} aria-hidden="true">
        <span>services, their outboxes</span>
        <span>topics, their rates</span>
        <span>consumer groups, their lag</span>
      </div>
      <div className={css.map} style={{ height: layout.height }}>
        <Edges flow={flow} layout={layout} selected={selected} />
        {layout.producers.map((node, index) => {
          const { outbox } = flow.producers[index]!;
          const isOpen = outbox.state === 'known' && outboxWaits(outbox.value);
          return (
            <Place key={node.id} node={node} column="producers" state={stateOf(outbox.state, isOpen)} {...about}>
              outbox {readingWords(outbox, outboxWords, shown)}
            </Place>
          );
        })}
        {layout.topics.map((node, index) => {
          const { events } = flow.topics[index]!;
          return (
            <Place key={node.id} node={node} column="topics" state={stateOf(flow.rates.state, false)} {...about}>
              <RateFigure flow={flow} types={events} />
            </Place>
          );
        })}
        {layout.groups.map((node, index) => {
          const { lag } = flow.groups[index]!;
          const isOpen = lag.state === 'known' && groupWaits(lag.value, lag.at);
          return (
            <Place key={node.id} node={node} column="groups" state={stateOf(lag.state, isOpen)} {...about}>
              {lag.state === 'known' ? '' : 'lag '}
              {readingWords(lag, lagWords, shown)}
            </Place>
          );
        })}
      </div>
    </div>
  );
}

const stateOf = (state: Flow['rates']['state'], isOpen: boolean): 'plain' | 'open' | 'unknown' =>
  state === 'unknown' ? 'unknown' : isOpen ? 'open' : 'plain';

interface PlaceProps {
  readonly node: Node;
  readonly column: keyof typeof COLUMNS;
  readonly state: 'plain' | 'open' | 'unknown';
  readonly selected: string | undefined;
  readonly children: ReactNode;
}

function Place({ node, column, state, selected, children }: PlaceProps) {
  const [left, right] = COLUMNS[column];
  const isSelected = node.id === selected;
  return (
    <Link
      to="."
      id={node.id}
      search={(before) => ({ ...before, node: isSelected ? undefined : node.id })}
      replace
      resetScroll={false}
      className={classes(css.place, css[state])}
      data-selected={isSelected}
      style={{
        top: node.y,
        left: `${left}%`,
        width: `${right - left}%`,
        ['--lane' as string]: laneColour(node.program),
      }}
    >
      <span className={css.placeName}>
        {node.name}
        {isSelected && <ForReaders>, selected</ForReaders>}
      </span>
      <span className={css.placeFigure}>{children}</span>
    </Link>
  );
}

function Edges({ flow, layout, selected }: Props) {
  const isApart = ({ from, to }: Edge): boolean => selected !== undefined && selected !== from && selected !== to;
  // What is drawn last lies above.
  const edges = [...layout.edges.filter(isApart), ...layout.edges.filter((edge) => !isApart(edge))];
  return (
    <svg
      className={css.edges}
      viewBox={`0 0 100 ${layout.height}`}
      preserveAspectRatio="none"
      height={layout.height}
      aria-hidden="true"
    >
      {edges.map((edge) => {
        const { from, to, topic, program, path } = edge;
        const rate = rateOf(flow, typesOn(flow, [topic]));
        return (
          <path
            key={`${from} ${to}`}
            d={path}
            className={classes(!rate && css.unknownEdge, rate?.count === 0 && css.still, isApart(edge) && css.apart)}
            style={{
              ['--lane' as string]: laneColour(program),
              strokeWidth: widthOf(rate?.perSecond ?? 0),
            }}
          />
        );
      })}
    </svg>
  );
}
