import type { JournalEvent } from '@orderflow/console-api';
import type { EventType } from '@orderflow/contracts';
import {
  changesBetween,
  type Change,
  type Edge,
  edgesOf,
  foldOf,
  isSettled,
  type Origin,
  originsOf,
  type OrderView,
  type Owed,
  owedTo,
  sentenceOf,
  type StoryEvent,
} from '@orderflow/order-view';

/** An order at one instant: the page shows this and nothing else. */
export interface Moment {
  /** Of the events that the log contained by then, in their order. */
  readonly events: readonly JournalEvent[];
  readonly view: OrderView;
  readonly settled: boolean;
  readonly sentence: string;
  readonly edges: readonly Edge[];
  readonly origins: readonly Origin[];
  readonly owed: readonly Owed[];
}

const storyEventOf = ({ saidAt, ...event }: JournalEvent): StoryEvent & { type: EventType } =>
  ({ ...event, time: saidAt }) as unknown as StoryEvent & { type: EventType };

/** @param at an ISO instant by the broker's clock; undefined is now */
export function momentOf(all: readonly JournalEvent[], at: string | undefined): Moment {
  const until = at === undefined ? Infinity : Date.parse(at);
  const events = all.filter(({ appendedAt }) => Date.parse(appendedAt) <= until);
  const told = events.map(storyEventOf);
  const view = foldOf(told);
  const owed = owedTo(told);
  return {
    events,
    view,
    settled: isSettled(view),
    sentence: sentenceOf(view, owed),
    edges: edgesOf(told),
    origins: originsOf(told),
    owed,
  };
}

/** What one event changed. */
export function changesBy(event: JournalEvent, all: readonly JournalEvent[]): Change[] {
  const index = all.findIndex(({ id }) => id === event.id);
  const told = all.map(storyEventOf);
  return changesBetween(foldOf(told.slice(0, index)), foldOf(told.slice(0, index + 1)));
}

/** The instants at which something happened, ascending and each once: the stops of the slider. */
export const instantsOf = (events: readonly JournalEvent[]): string[] => [
  ...new Set(events.map(({ appendedAt }) => appendedAt)),
];

/** By the broker's clock; what it appended in one millisecond stays in the order in which the journal read it. */
export const inOrderOfTheLog = (events: readonly JournalEvent[]): JournalEvent[] =>
  events.toSorted((a, b) => Date.parse(a.appendedAt) - Date.parse(b.appendedAt));
