import type { AsOf } from '@orderflow/console-api';
import { cutAt, cutByHeard, foldOf, type Heard } from '@orderflow/order-view';
import type { Journal, Recorded } from './journal.js';
import { type Told, toldBy } from './shown.js';

/** A point in the history of an order: an instant of the broker's clock, a version vector, or neither for now. */
export interface Point {
  readonly at?: Date | undefined;
  readonly heard?: Heard | undefined;
}

/** An order at a point. */
export interface Cut {
  /** Its events up to the point. */
  readonly told: readonly Told[];
  /** Its records up to the point that are no events. */
  readonly others: readonly Recorded[];
  readonly asOf: AsOf;
  /** All of its records, whenever they were appended. */
  readonly all: readonly Recorded[];
}

/** @returns the order at the point, with how far the journal had read; also where it has no events up to there */
export async function cutOf(
  journal: Pick<Journal, 'recordsOf' | 'through'>,
  orderId: string,
  point: Point,
): Promise<Cut> {
  // How far, before what: the other way round a record that arrives in between would be missing and counted as read.
  const through = await journal.through();
  const all = await journal.recordsOf(orderId);
  const events = toldBy(all).map((told) => ({ ...told, ...told.event, appendedAt: told.record.appendedAt }));
  const until = point.at === undefined ? events : cutAt(events, point.at);
  const told = point.heard === undefined ? until : cutByHeard(until, point.heard);
  const others = all.filter((record) => !record.event && (!point.at || record.appendedAt <= point.at));
  const last = Math.max(0, ...told.map(({ appendedAt }) => appendedAt.getTime()));
  const at = point.at ?? new Date(point.heard ? last : Math.max(last, through.getTime()));
  const asOf: AsOf = {
    at: at.toISOString(),
    through: through.toISOString(),
    complete: at <= through,
    position: String(
      told.reduce((last, { record }) => (BigInt(record.position) > last ? BigInt(record.position) : last), 0n),
    ),
    heard: { ...foldOf(told.map(({ event }) => event)).sequences },
  };
  return { told, others, asOf, all };
}
