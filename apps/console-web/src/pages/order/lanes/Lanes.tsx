import type { JournalEvent } from '@orderflow/console-api';
import { services } from '@orderflow/contracts';
import type { Origin } from '@orderflow/order-view';
import { useLayoutEffect, useMemo, useRef, useState } from 'react';
import { classes, ForReaders, Tag } from '../../../ui/parts.js';
import { afterOf } from '../../../words/format.js';
import { mailFact, moneyFacts, statusFact, stockFacts, type Fact } from '../../../words/facts.js';
import { laneColour } from '../../../words/services.js';
import type { Moment } from '../moment.js';
import { Slider } from '../Slider.js';
import { Arrows, Axis } from './Arrows.js';
import { Glyph, glyphOf } from './Glyph.js';
import css from './Lanes.module.css';
import { ASKED_Y, layoutOf, type Layout } from './layout.js';
import { Legend } from './Legend.js';
import { PlayControls } from './PlayControls.js';

interface Props {
  /** All events of the order, as far as they are known now. */
  readonly all: readonly JournalEvent[];
  readonly moment: Moment;
  readonly instants: readonly string[];
  readonly index: number;
  readonly isPast: boolean;
  readonly selected: string | undefined;
  readonly onSelect: (id: string) => void;
  readonly onTime: (index: number) => void;
}

/** A lane per service, time from left to right: what was said because of what, and what is still owed. */
export function Lanes({ all, moment, instants, index, isPast, selected, onSelect, onTime }: Props) {
  const scroll = useRef<HTMLDivElement>(null);
  const width = useWidth(scroll);
  const layout = useMemo(() => {
    const events = all.map(({ id, type, source, appendedAt }) => ({ id, type, source, at: Date.parse(appendedAt) }));
    return layoutOf(events, services, moment.owed, moment.events.length, width);
  }, [all, moment, width]);
  const cut = isPast ? (layout.stops[index]?.x ?? 10) : undefined;
  const shown = useMemo(() => new Set(moment.events.map(({ id }) => id)), [moment]);
  const start = layout.stops[0]?.at ?? 0;
  return (
    <div className={css.lanes}>
      <div className={css.heads}>
        <div className={css.asked}>asked</div>
        {layout.lanes.map(({ name }) => (
          <LaneHead key={name} name={name} moment={moment} />
        ))}
        <PlayControls count={instants.length} index={index} onTime={onTime} instants={instants} />
      </div>
      <div ref={scroll} className={css.scroll} tabIndex={0} role="region" aria-label="Lanes of this order">
        <div className={classes(css.picture, isPast && css.past)} style={{ width: layout.width }}>
          <Axis layout={layout} />
          <div className={css.field} style={{ height: layout.height }}>
            <Arrows layout={layout} edges={moment.edges} selected={selected} cut={cut} shown={shown} />
            <Origins origins={moment.origins} layout={layout} />
            {moment.events.map((event) => (
              <Node
                key={event.id}
                event={event}
                layout={layout}
                after={Date.parse(event.appendedAt) - start}
                isSelected={event.id === selected}
                onSelect={onSelect}
              />
            ))}
            <Ghosts layout={layout} />
          </div>
          <div className={css.slider}>
            <Slider
              xs={layout.stops.map(({ x }) => x)}
              instants={instants}
              index={index}
              isPast={isPast}
              onChange={onTime}
            />
          </div>
        </div>
      </div>
      <Legend />
    </div>
  );
}

const at = (x: number, y: number): { transform: string } => ({ transform: `translate(${x}px, ${y}px)` });

interface NodeProps {
  readonly event: JournalEvent;
  readonly layout: Layout;
  /** Milliseconds since the first event. */
  readonly after: number;
  readonly isSelected: boolean;
  readonly onSelect: (id: string) => void;
}

function Node({ event, layout, after, isSelected, onSelect }: NodeProps) {
  const { id, type, source } = event;
  const place = layout.nodes.get(id);
  if (!place) return null;
  return (
    <button
      type="button"
      id={`event-${id}`}
      className={classes(css.node, css.fresh)}
      style={{ ...at(place.x, place.y), ['--lane' as string]: laneColour(source) }}
      aria-pressed={isSelected}
      onClick={() => onSelect(id)}
    >
      <span className={css.glyph}>
        <Glyph kind={glyphOf(type)} />
      </span>
      <span className={css.name}>{type}</span>
      <span className={css.under}>{afterOf(after)}</span>
      <ForReaders>, said by {source}</ForReaders>
    </button>
  );
}

const Ghosts = ({ layout }: { layout: Layout }) =>
  layout.ghosts.map(({ ghost, x, y }) => (
    <div
      key={`${ghost.service} ${ghost.oneOf.join()}`}
      className={css.ghost}
      style={at(x, y)}
      title={`${ghost.service} owes ${ghost.oneOf.join(' or ')}`}
    >
      <span className={css.glyph} style={{ color: laneColour(ghost.service) }}>
        <Glyph kind="owed" />
      </span>
      <span className={css.name}>{ghost.oneOf[0]}</span>
      <span className={css.under}>
        {ghost.oneOf.length > 1 ? `or ${ghost.oneOf.slice(1).join(' or ')}, owed` : 'owed'}
      </span>
    </div>
  ));

const originWords: Record<Origin['by'], string> = {
  'POST /orders': 'placed by the customer',
  'POST /orders/{id}/cancel': 'cancelled by the customer',
  'the deadline': 'the deadline passed',
  unseen: 'its cause is on its way',
};

const Origins = ({ origins, layout }: { origins: readonly Origin[]; layout: Layout }) =>
  origins.map(({ event, by }) => {
    const place = layout.nodes.get(event);
    if (!place) return null;
    return (
      <div key={event} className={css.origin} style={at(place.x, ASKED_Y)}>
        <i />
        {originWords[by]}
      </div>
    );
  });

function LaneHead({ name, moment }: { name: string; moment: Moment }) {
  const known = factOf(name, moment);
  return (
    <div className={css.head} style={{ ['--lane' as string]: laneColour(name) }}>
      <h3>{name}</h3>
      {known && (
        <Tag tone={known.tone} icon={known.icon}>
          {known.word}
        </Tag>
      )}
    </div>
  );
}

function factOf(service: string, { view }: Moment): Fact | undefined {
  if (service === 'orders') return statusFact(view.status);
  if (service === 'inventory') return stockFacts[view.stock];
  if (service === 'payments') return moneyFacts[view.payment];
  return service === 'notifications' ? mailFact(view.sequences.notifications) : undefined;
}

function useWidth(element: React.RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    if (element.current === null) return undefined;
    const measure = (): void => setWidth(element.current?.clientWidth ?? 0);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
