import type { JournalEvent } from '@orderflow/console-api';
import type { Edge } from '@orderflow/order-view';
import { useLayoutEffect, useRef, useState } from 'react';
import { afterOf } from '../../words/format.js';
import { wordsOf } from '../../words/event-words.js';
import { laneColour } from '../../words/services.js';
import css from './EventList.module.css';
import { Glyph, glyphOf } from './lanes/Glyph.js';
import { PlayControls } from './lanes/PlayControls.js';
import type { Moment } from './moment.js';
import { Slider } from './Slider.js';

interface Props {
  readonly all: readonly JournalEvent[];
  readonly moment: Moment;
  readonly instants: readonly string[];
  readonly index: number;
  readonly isPast: boolean;
  readonly selected: string | undefined;
  readonly onSelect: (id: string) => void;
  readonly onTime: (index: number) => void;
}

/** The same as the lanes, in words from top to bottom: for narrow screens, and for those who would rather read. */
export function EventList({ all, moment, instants, index, isPast, selected, onSelect, onTime }: Props) {
  const start = Date.parse(all[0]?.appendedAt ?? '');
  return (
    <>
      <ol className={css.list}>
        {moment.events.map((event) => {
          const after = Date.parse(event.appendedAt) - start;
          return (
            <li
              key={event.id}
              className={css.item}
              data-selected={event.id === selected}
              style={{ ['--lane' as string]: laneColour(event.source) }}
            >
              <span className={css.time}>{afterOf(after)}</span>
              <span className={css.glyph}>
                <Glyph kind={glyphOf(event.type)} />
              </span>
              <div>
                <button type="button" id={`event-${event.id}`} className={css.title} onClick={() => onSelect(event.id)}>
                  {event.type} <span className={css.service}>{event.source}</span>
                </button>
                <p className={css.words}>
                  <bdi>{wordsOf(event)}</bdi>
                </p>
                <Because event={event} moment={moment} />
              </div>
            </li>
          );
        })}
        {moment.owed.map(({ service, oneOf }) => (
          <li
            key={`${service} ${oneOf.join()}`}
            className={`${css.item} ${css.owed}`}
            style={{ ['--lane' as string]: laneColour(service) }}
          >
            <span className={css.time}>owed</span>
            <span className={css.glyph}>
              <Glyph kind="owed" />
            </span>
            <div>
              <span className={css.title}>
                {oneOf.join(' or ')} <span className={css.service}>{service}</span>
              </span>
            </div>
          </li>
        ))}
      </ol>
      <div className={css.bottom}>
        <PlayControls instants={instants} count={instants.length} index={index} onTime={onTime} />
        <EvenSlider instants={instants} index={index} isPast={isPast} onChange={onTime} />
      </div>
    </>
  );
}

const relations: Record<Edge['kind'], string> = { caused: 'because of', needs: 'also needed', undoes: 'takes back' };

/** What the arrows say, in words. */
function Because({ event, moment }: { event: JournalEvent; moment: Moment }) {
  const typeOf = (id: string): string => moment.events.find((it) => it.id === id)?.type ?? 'an event';
  const parts = moment.edges.flatMap(({ from, to, kind }) => {
    if (kind === 'undoes') return from === event.id ? [`${relations.undoes} ${typeOf(to)}`] : [];
    return to === event.id ? [`${relations[kind]} ${typeOf(from)}`] : [];
  });
  const origin = moment.origins.find((it) => it.event === event.id);
  if (origin) parts.unshift(origin.by === 'unseen' ? 'its cause is on its way' : `because of ${origin.by}`);
  return parts.length === 0 ? null : <p className={css.because}>{parts.join(' · ')}</p>;
}

const EDGE = 20;

/** Without a time axis above it, the stops stand at equal distances. */
function EvenSlider(props: {
  readonly instants: readonly string[];
  readonly index: number;
  readonly isPast: boolean;
  readonly onChange: (index: number) => void;
}) {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    if (place.current === null) return undefined;
    const observer = new ResizeObserver(() => setWidth(place.current?.clientWidth ?? 0));
    observer.observe(place.current);
    return () => observer.disconnect();
  }, []);
  const distance = (width - 2 * EDGE) / Math.max(1, props.instants.length - 1);
  return (
    <div ref={place} className={css.track}>
      <Slider {...props} xs={props.instants.map((_, stop) => EDGE + stop * Math.max(0, distance))} />
    </div>
  );
}
