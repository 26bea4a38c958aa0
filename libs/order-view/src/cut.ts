import { type Service, services } from '@orderflow/contracts';
import { catchUp, type OrderView, unseenOrder, type Viewed } from './order-view.js';

/** By source: the last `sequence` that a view contains. A source that is left out counts as 0. */
export type Heard = Readonly<Partial<Record<Service, number>>>;

/** An event with the instant at which the broker appended it to its topic. */
export interface Appended {
  readonly appendedAt: Date;
}

/** The events that the log contained at `at`, by the clock of the broker. Their order is kept. */
export const cutAt = <E extends Appended>(events: readonly E[], at: Date): E[] =>
  events.filter(({ appendedAt }) => appendedAt.getTime() <= at.getTime());

/** The events up to a version vector. Their order is kept. */
export const cutByHeard = <E extends Pick<Viewed, 'source' | 'sequence'>>(events: readonly E[], heard: Heard): E[] =>
  events.filter(({ source, sequence }) => sequence <= (heard[source] ?? 0));

/** The view of an order after these events of it. */
export const foldOf = (events: readonly Viewed[]): OrderView => catchUp(unseenOrder, events);

/** `orders:2,inventory:1`: a version vector as it stands in a URL, with every source. */
export const writeHeard = (heard: Heard): string => services.map((name) => `${name}:${heard[name] ?? 0}`).join(',');

/** @returns undefined for a text that is no version vector. A source may be left out and stands once */
export function readHeard(text: string): Heard | undefined {
  const heard: Partial<Record<Service, number>> = {};
  for (const part of text.split(',')) {
    const [, name, sequence] = /^([a-z]+):(\d{1,9})$/.exec(part) ?? [];
    const source = services.find((service) => service === name);
    if (source === undefined || heard[source] !== undefined) return undefined;
    heard[source] = Number(sequence);
  }
  return heard;
}

const heardOf = (heard: Heard, source: Service): number => heard[source] ?? 0;

/** Whether two version vectors are equal; a source that is left out counts as 0. */
export const isSame = (a: Heard, b: Heard): boolean =>
  services.every((source) => heardOf(a, source) === heardOf(b, source));

/** Whether `a` contains all of `b` and more. Of two vectors neither may be after the other: topics overtake each other. */
export const isAfter = (a: Heard, b: Heard): boolean =>
  !isSame(a, b) && services.every((source) => heardOf(a, source) >= heardOf(b, source));
