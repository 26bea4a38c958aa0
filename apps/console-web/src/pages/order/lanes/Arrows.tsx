import type { Edge } from '@orderflow/order-view';
import { classes } from '../../../ui/parts.js';
import { afterOf, durationOf } from '../../../words/format.js';
import css from './Lanes.module.css';
import { ASKED_HEIGHT, isBlocked, LANE_HEIGHT, type Layout } from './layout.js';
import { causeRoute, needRoute, undoMiddle, undoRoute } from './route.js';

interface Props {
  readonly layout: Layout;
  readonly edges: readonly Edge[];
  /** The arrows of this event are emphasised. */
  readonly selected: string | undefined;
  /** Where the time of the page stands; undefined: now. */
  readonly cut: number | undefined;
  /** Ids of the events that are shown. */
  readonly shown: ReadonlySet<string>;
}

const routes = { caused: causeRoute, needs: needRoute, undoes: undoRoute };

/** Everything between the events. It repeats what the list of events says in words, so that readers skip it. */
export function Arrows({ layout, edges, selected, cut, shown }: Props) {
  const { width, height, lanes, pauses, ghosts, nodes } = layout;
  const seen = [...nodes.values()].filter(({ id }) => shown.has(id));
  return (
    <svg className={css.svg} width={width} height={height} aria-hidden="true">
      <defs>
        <Tip id="tip" className={css.arrowTip} />
        <Tip id="tip-undo" className={css.arrowUndo} />
      </defs>
      {pauses.map(({ x, ms }) => (
        <rect key={`${x} ${ms}`} className={css.pause} x={x - 7} y={0} width={14} height={height} />
      ))}
      {lanes.map(({ name }, index) => {
        const y = ASKED_HEIGHT + index * LANE_HEIGHT + 0.5;
        return <line key={name} className={css.laneLine} x1={0} x2={width} y1={y} y2={y} />;
      })}
      {cut !== undefined && (
        <line className={css.playhead} x1={cut} x2={cut} y1={0} y2={height} strokeDasharray="3 3" />
      )}
      {ghosts.map(
        ({ ghost, from, x, y }) =>
          from && (
            <path
              key={`${ghost.service} ${ghost.oneOf.join()}`}
              className={css.ghostEdge}
              d={causeRoute(from, { x, y }, isBlocked(seen, from, { x, y }))}
            />
          ),
      )}
      {edges.map(({ from, to, kind }) => {
        const [start, end] = [nodes.get(from), nodes.get(to)];
        if (!start || !end) return null;
        const isLit = selected === from || selected === to;
        return (
          <path
            key={`${kind} ${from} ${to}`}
            className={classes(css[kind], isLit && kind !== 'undoes' && css.lit)}
            d={routes[kind](start, end, isBlocked(seen, start, end))}
            markerEnd={kind === 'undoes' ? 'url(#tip-undo)' : 'url(#tip)'}
          />
        );
      })}
      {edges.map(({ from, to, kind }) => {
        const [start, end] = [nodes.get(from), nodes.get(to)];
        if (kind !== 'undoes' || !start || !end || start.y !== end.y) return null;
        const { x, y } = undoMiddle(start, end);
        return (
          <text key={`${from} ${to}`} className={css.undoWords} x={x} y={y}>
            takes back
          </text>
        );
      })}
    </svg>
  );
}

const Tip = ({ id, className }: { id: string; className: string | undefined }) => (
  <marker
    id={id}
    viewBox="0 0 8 8"
    refX={6}
    refY={4}
    markerWidth={7}
    markerHeight={7}
    orient="auto"
    markerUnits="userSpaceOnUse"
  >
    <path className={className} d="M0 0.500 7 4 0 7.500Z" />
  </marker>
);

const LEAST_BETWEEN = 66;

/** The time since the first event, where there is room for it; an interruption says how long it was. */
export function Axis({ layout }: { layout: Layout }) {
  const { stops, pauses } = layout;
  const start = stops[0]?.at ?? 0;
  let end = -Infinity;
  const taken = pauses.map(({ x }) => x);
  const labels = stops.flatMap(({ at, x }) => {
    if (x - end < LEAST_BETWEEN || taken.some((it) => Math.abs(it - x) < LEAST_BETWEEN - 8)) return [];
    end = x;
    return [{ key: `at ${at}`, x, text: afterOf(at - start) }];
  });
  const gaps = pauses.map(({ x, ms }) => ({ key: `pause ${x}`, x, text: `· ${durationOf(ms)} ·` }));
  return (
    <div className={css.axis} aria-hidden="true">
      {[...labels, ...gaps].map(({ key, x, text }) => (
        <span key={key} style={{ left: x }}>
          {text}
        </span>
      ))}
    </div>
  );
}
