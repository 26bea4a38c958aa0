/**
 * Where the events of an order stand: time from left to right, a lane per service. Pure, so that the same events give the same
 * picture on every machine. Distances grow with the logarithm of the time between events: a saga has milliseconds and minutes.
 */

export interface LaneEvent {
  readonly id: string;
  readonly type: string;
  readonly source: string;
  /** When the broker appended it, in milliseconds. */
  readonly at: number;
}

/** A group of events that are owed: one of them is to come. */
export interface LaneGhost {
  readonly service: string;
  readonly oneOf: readonly string[];
  /** Ids of the events that it follows from. */
  readonly because: readonly string[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface PlacedNode extends Point {
  readonly id: string;
}

export interface PlacedGhost extends Point {
  readonly ghost: LaneGhost;
  /** The last event that it follows from; undefined where a request is the cause. */
  readonly from: Point | undefined;
}

/** Nothing happened here for a second or more: the axis is interrupted. */
export interface Pause {
  readonly x: number;
  readonly ms: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly lanes: readonly { readonly name: string; readonly y: number }[];
  readonly nodes: ReadonlyMap<string, PlacedNode>;
  /** The instants at which something happened, ascending: the stops of the slider. */
  readonly stops: readonly { readonly at: number; readonly x: number }[];
  readonly pauses: readonly Pause[];
  readonly ghosts: readonly PlacedGhost[];
}

export const ASKED_HEIGHT = 50;
export const LANE_HEIGHT = 82;
/** Of the glyphs, from the top of their lane. */
const GLYPH_Y = 32;
export const ASKED_Y = 22;
const START_X = 26;
const LABEL_GAP = 26;
const CHARACTER_WIDTH = 7.1;
const GLYPH_TO_LABEL = 14;
const PAUSE_MS = 1000;
const MOST_STRETCH = 2.6;

/** The room that the name of an event needs to the right of its glyph. */
export const labelWidth = (type: string): number => GLYPH_TO_LABEL + Math.max(type.length, 9) * CHARACTER_WIDTH;

/** The distance of two events with this time between them: 30 for none, 111 for a second, 165 for a minute and a half. */
const distanceFor = (ms: number): number => 30 + 27 * Math.log10(1 + Math.max(0, ms));

/** The position of each event from left to right, without stretch. */
function columnsOf(events: readonly LaneEvent[]): number[] {
  const lastInLane = new Map<string, number>();
  const xs: number[] = [];
  events.forEach((event, index) => {
    const before = events[index - 1];
    const wanted = before === undefined ? START_X : xs[index - 1]! + distanceFor(event.at - before.at);
    const neighbour = lastInLane.get(event.source);
    // Two names in one lane must not overlap.
    const free = neighbour === undefined ? 0 : xs[neighbour]! + labelWidth(events[neighbour]!.type) + LABEL_GAP;
    xs.push(Math.max(wanted, free));
    lastInLane.set(event.source, index);
  });
  return xs;
}

/** The room that is needed beyond the last event: for its name, and for what is owed. */
function tailOf(events: readonly LaneEvent[], xs: readonly number[], ghosts: readonly LaneGhost[]): number {
  const last = xs.at(-1) ?? START_X;
  const names = events.map(({ type }, index) => xs[index]! + labelWidth(type) - last);
  const owed = ghosts.map(({ oneOf }) => LABEL_GAP + 34 + Math.max(...oneOf.map(labelWidth), 0));
  return Math.max(24, ...names, ...owed);
}

/**
 * @param events in the order in which they were appended
 * @param services the lanes from top to bottom; an event of another source gets a lane below them
 * @param ghosts what is owed after `shown`
 * @param shown how many of the events are shown: the others keep their places, so that a slider moves nothing
 * @param width of the place that the picture has; it is wider where the events need more
 */
export function layoutOf(
  events: readonly LaneEvent[],
  services: readonly string[],
  ghosts: readonly LaneGhost[],
  shown: number,
  width: number,
): Layout {
  const names = [...new Set([...services, ...events.map(({ source }) => source)])];
  const lanes = names.map((name, index) => ({ name, y: ASKED_HEIGHT + index * LANE_HEIGHT + GLYPH_Y }));
  const yOf = new Map(lanes.map(({ name, y }) => [name, y]));
  const xs = stretched(columnsOf(events), events, ghosts, width);
  const nodes = new Map(
    events.map((event, index) => [event.id, { id: event.id, x: xs[index]!, y: yOf.get(event.source) ?? 0 }]),
  );
  const stops = events.flatMap(({ at }, index) => (events[index + 1]?.at === at ? [] : [{ at, x: xs[index]! }]));
  const pauses = events.flatMap(({ at }, index) => {
    const ms = at - (events[index - 1]?.at ?? at);
    return ms < PAUSE_MS ? [] : [{ x: (xs[index]! + xs[index - 1]!) / 2, ms }];
  });
  const placed = placeGhosts(ghosts, events.slice(0, shown), nodes, yOf);
  const right = Math.max((xs.at(-1) ?? START_X) + tailOf(events, xs, ghosts), ...placed.map(ghostEnd));
  return {
    width: Math.max(width, Math.ceil(right)),
    height: ASKED_HEIGHT + lanes.length * LANE_HEIGHT,
    lanes,
    nodes,
    stops,
    pauses,
    ghosts: placed,
  };
}

/** Uses the room that is left, up to a limit: two events at both ends of a wide screen are no picture. */
function stretched(
  xs: readonly number[],
  events: readonly LaneEvent[],
  ghosts: readonly LaneGhost[],
  width: number,
): number[] {
  const last = xs.at(-1) ?? START_X;
  const room = width - START_X - tailOf(events, xs, ghosts);
  const factor = Math.min(MOST_STRETCH, Math.max(1, room / Math.max(1, last - START_X)));
  return xs.map((x) => START_X + (x - START_X) * factor);
}

const ghostEnd = ({ x, ghost }: PlacedGhost): number => x + Math.max(...ghost.oneOf.map(labelWidth)) + 8;

function placeGhosts(
  ghosts: readonly LaneGhost[],
  seen: readonly LaneEvent[],
  nodes: ReadonlyMap<string, PlacedNode>,
  yOf: ReadonlyMap<string, number>,
): PlacedGhost[] {
  const cut = nodes.get(seen.at(-1)?.id ?? '')?.x ?? START_X;
  const freeFrom = new Map<string, number>();
  for (const { id, source, type } of seen) freeFrom.set(source, nodes.get(id)!.x + labelWidth(type) + LABEL_GAP);
  return ghosts.map((ghost) => {
    const x = Math.max(cut + 34 + LABEL_GAP / 2, freeFrom.get(ghost.service) ?? 0);
    freeFrom.set(ghost.service, x + Math.max(...ghost.oneOf.map(labelWidth)) + LABEL_GAP);
    const causes = ghost.because.flatMap((id) => nodes.get(id) ?? []).toSorted((a, b) => a.x - b.x);
    return { ghost, x, y: yOf.get(ghost.service) ?? 0, from: causes.at(-1) };
  });
}

/** Whether an event that is shown stands in the lane of `to`, between the two. */
export const isBlocked = (nodes: Iterable<PlacedNode>, from: Point, to: Point): boolean =>
  [...nodes].some(({ x, y }) => y === to.y && x > from.x && x < to.x);
