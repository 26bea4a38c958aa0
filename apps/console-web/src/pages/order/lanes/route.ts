import type { Point } from './layout.js';

/** The way of an arrow, as the `d` of an SVG path. */

const RADIUS = 9;
const CORNER = 10;
// Nearer than this, a corner does not fit.
const NEAR = RADIUS + CORNER + 6;

/** Coordinates to a tenth of a pixel. */
const path = ({ raw }: TemplateStringsArray, ...values: readonly number[]): string =>
  String.raw({ raw }, ...values.map((value) => Math.round(value * 10) / 10));

/**
 * From a cause to its effect: down or up in the column of the cause, then along the lane of the effect.
 * @param isBlocked whether another event stands between: the arrow then passes beside the names of the lane
 */
export function causeRoute(from: Point, to: Point, isBlocked = false): string {
  if (from.y === to.y) return overLane(from, to);
  const down = to.y > from.y ? 1 : -1;
  const start = from.y + down * RADIUS;
  if (to.x - from.x < NEAR) {
    const middle = (from.y + to.y) / 2;
    return path`M${from.x} ${start} C${from.x} ${middle} ${to.x} ${middle} ${to.x} ${to.y - down * (RADIUS + 1)}`;
  }
  if (isBlocked) return besideLane({ x: from.x, y: start }, to, down);
  const corner = path`V${to.y - down * CORNER} Q${from.x} ${to.y} ${from.x + CORNER} ${to.y}`;
  return `${path`M${from.x} ${start}`} ${corner} ${path`H${to.x - RADIUS - 1}`}`;
}

/** From an event that a join also needed: beside the arrow of the recorded cause, never on it. */
export function needRoute(from: Point, to: Point, isBlocked = false): string {
  if (from.y === to.y) return overLane(from, to);
  const down = to.y > from.y ? 1 : -1;
  const x = from.x + 5;
  const y = to.y + down * 6;
  if (to.x - x < NEAR || isBlocked) return causeRoute({ ...from, x }, { ...to, x: to.x + 4 }, isBlocked);
  const corner = path`V${y - down * CORNER} Q${x} ${y} ${x + CORNER} ${y}`;
  return `${path`M${x} ${from.y + down * (RADIUS - 1)}`} ${corner} ${path`H${to.x - RADIUS - 1}`}`;
}

// Above a name, and below the time under it.
const ABOVE = 19;
const BELOW = 33;

function besideLane(from: Point, to: Point, down: 1 | -1): string {
  const y = to.y - down * (down === 1 ? ABOVE : BELOW);
  const into = path`V${y - down * CORNER} Q${from.x} ${y} ${from.x + CORNER} ${y}`;
  const out = path`H${to.x - CORNER} Q${to.x} ${y} ${to.x} ${y + down * CORNER} V${to.y - down * (RADIUS + 1)}`;
  return `${path`M${from.x} ${from.y}`} ${into} ${out}`;
}

// Below the time under a name.
const UNDO_DEPTH = 39;
const UNDO_ASIDE = 5;

/** From an event to the one whose effect it takes back: below their lane, and beside the arrows that leave downwards. */
export function undoRoute(from: Point, to: Point): string {
  if (from.y !== to.y) return path`M${from.x} ${from.y} Q${to.x} ${from.y} ${to.x} ${to.y}`;
  const depth = from.y + UNDO_DEPTH;
  const [start, end] = [from.x - UNDO_ASIDE, to.x - UNDO_ASIDE];
  const down = path`M${start} ${from.y + RADIUS - 1} V${depth - CORNER} Q${start} ${depth} ${start - CORNER} ${depth}`;
  return `${down} ${path`H${end + CORNER} Q${end} ${depth} ${end} ${depth - CORNER} V${to.y + RADIUS}`}`;
}

/** Where the words of an arrow of `undoRoute` stand. */
export const undoMiddle = (from: Point, to: Point): Point => ({
  x: (from.x + to.x) / 2,
  y: from.y + UNDO_DEPTH + 4,
});

function overLane(from: Point, to: Point): string {
  const height = from.y - 26;
  return path`M${from.x} ${from.y - RADIUS} C${from.x} ${height} ${to.x} ${height} ${to.x} ${to.y - RADIUS - 1}`;
}
