import { Problem } from '@orderflow/http';
import type { Cut, Point } from '../domain/cuts.js';
import { toldBy } from '../domain/shown.js';

/**
 * Throws the problem of a cut without events.
 * @param since from when on the journal has everything
 */
export function refuseEmpty({ told, all }: Cut, { at, heard }: Point, since: Date | undefined): void {
  if (told.length > 0) return;
  const first = toldBy(all)[0];
  const members = { journalSince: since?.toISOString() ?? null };
  if (first === undefined && at !== undefined && since !== undefined) refuseBefore(at, since);
  if (first === undefined)
    throw new Problem(404, 'not-found', 'The journal has no event of such an order.', { members });
  // Its beginning has expired from the topics before the journal read them.
  if (at !== undefined && since !== undefined && !all.some(({ type }) => type === 'OrderPlaced'))
    throw new Problem(410, 'before-the-journal', `The journal begins at ${since.toISOString()}.`, { members });
  if (heard !== undefined) throw new Problem(404, 'not-found', 'At this version vector the order has no event.');
  const existsSince = first.record.appendedAt.toISOString();
  const detail = `The order came to be at ${existsSince}.`;
  throw new Problem(404, 'not-found', detail, { members: { ...members, existsSince } });
}

/** The problem of a version vector that the journal has not heard. */
export function refuseUnheard({ all }: Cut, { heard }: Point): void {
  if (heard === undefined) return;
  const heardOf = (source: string) =>
    Math.max(0, ...all.flatMap(({ event }) => (event?.source === source ? [event.sequence] : [])));
  const missing = Object.entries(heard).find(([source, sequence]) => sequence > heardOf(source));
  if (missing === undefined) return;
  const [source, sequence] = missing;
  const detail = `The journal has not heard event ${sequence} of ${source} about this order.`;
  throw new Problem(422, 'not-heard', detail, { members: { source, heard: heardOf(source) } });
}

/** The problem of an instant before the journal begins: what was then is not known. */
export function refuseBefore(at: Date, since: Date | undefined): void {
  if (since !== undefined && at >= since) return;
  const members = { journalSince: since?.toISOString() ?? null };
  const detail = since ? `The journal begins at ${since.toISOString()}.` : 'The journal is empty.';
  throw new Problem(410, 'before-the-journal', detail, { members });
}
