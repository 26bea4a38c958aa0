import { type PointerEvent, useRef } from 'react';
import { useStore } from '../../live/store.js';
import { zone } from '../../shell/settings.js';
import { classes } from '../../ui/parts.js';
import { timeOf } from '../../words/format.js';
import css from './Slider.module.css';

interface Props {
  /** Where each instant stands on the track, in pixels. */
  readonly xs: readonly number[];
  readonly instants: readonly string[];
  /** Of the last instant that is shown; -1 before the first. */
  readonly index: number;
  readonly isPast: boolean;
  readonly onChange: (index: number) => void;
}

/** The time of an order. It snaps to the instants at which something happened; the keys of the page move it. */
export function Slider({ xs, instants, index, isPast, onChange }: Props) {
  const track = useRef<HTMLDivElement>(null);
  const shown = useStore(zone);
  const first = xs[0] ?? 0;
  const last = xs.at(-1) ?? first;
  const x = index === -1 ? first - 14 : (xs[index] ?? first);
  const moveTo = (event: PointerEvent): void => {
    const left = track.current?.getBoundingClientRect().left ?? 0;
    onChange(nearest(xs, event.clientX - left));
  };
  return (
    <div
      ref={track}
      className={classes(css.slider, isPast && css.past)}
      role="slider"
      tabIndex={0}
      aria-label="Time of this order"
      aria-valuemin={1}
      aria-valuemax={instants.length}
      aria-valuenow={index + 1}
      aria-valuetext={valueText(instants, index, (at) => timeOf(at, shown))}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        moveTo(event);
      }}
      onPointerMove={(event) => event.currentTarget.hasPointerCapture(event.pointerId) && moveTo(event)}
    >
      <div className={css.track} style={{ left: first, width: last - first }} />
      <div className={css.done} style={{ left: first, width: Math.max(0, x - first) }} />
      {xs.map((at, stop) => (
        <div key={instants[stop]} className={classes(css.stop, stop <= index && css.passed)} style={{ left: at }} />
      ))}
      <div className={css.thumb} style={{ left: x }} />
    </div>
  );
}

function valueText(instants: readonly string[], index: number, time: (at: string) => string): string {
  const at = instants[index];
  if (at === undefined) return 'before the order';
  return index === instants.length - 1 ? `now, last event at ${time(at)}` : time(at);
}

function nearest(xs: readonly number[], x: number): number {
  const distances = xs.map((at) => Math.abs(at - x));
  return distances.indexOf(Math.min(...distances));
}
