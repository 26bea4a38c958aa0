import type { Service } from '@orderflow/contracts';
import type { RequestFacts, StreamFacts } from '@orderflow/invariants';
import type { Placement } from './customers.ts';
import type { InjectedFault } from './fault-injector.ts';
import type { CopiedMail, LoggedEvent, Recorded } from './recorded.ts';

/** A fact of each request, and of each order of this customer that none of the requests placed. */
export function requestFacts(
  placements: readonly Placement[],
  { orders }: Recorded,
  customerId: string,
): RequestFacts[] {
  const rows = new Map(orders.map((row) => [row.orderId, row]));
  const requests = placements.map(({ key, orderIds, totalMinor, cancelled }): RequestFacts => {
    const accepted = [...orderIds];
    const order = rows.get(accepted[0] ?? '');
    return { key, accepted, cancelled, ...(totalMinor !== undefined && { totalMinor }), ...(order && { order }) };
  });
  const known = new Set(requests.flatMap(({ accepted }) => accepted));
  const unknown = orders.filter((row) => row.customerId === customerId && !known.has(row.orderId));
  return [...requests, ...unknown.map((order): RequestFacts => ({ accepted: [], cancelled: false, order }))];
}

/** The first record of each event in the log, in the order of each stream. */
export function firstOccurrences(log: readonly LoggedEvent[]): LoggedEvent[] {
  const first = new Map<string, LoggedEvent>();
  for (const event of log.toSorted((one, other) => (one.offset < other.offset ? -1 : 1))) {
    if (!first.has(event.id)) first.set(event.id, event);
  }
  return [...first.values()];
}

/** The events of each source and order, in the log and as recorded. */
export function streamFacts(log: readonly LoggedEvent[], { events, published }: Recorded): StreamFacts[] {
  const streams = Map.groupBy(firstOccurrences(log), ({ source, subject }) => `${source}/${subject}`);
  const logged = new Set(log.map(({ id }) => id));
  const missing = Map.groupBy(
    events.filter(({ id }) => !logged.has(id)),
    ({ orderId }) => `orders/${orderId}`,
  );
  const names = new Set([...streams.keys(), ...published.keys(), ...missing.keys()]);
  return [...names].map((name) => {
    const separator = name.indexOf('/');
    return {
      source: name.slice(0, separator) as Service,
      orderId: name.slice(separator + 1),
      sequences: (streams.get(name) ?? []).map(({ sequence }) => sequence),
      published: published.get(name) ?? 0,
      missing: (missing.get(name) ?? []).map(({ id }) => id),
    };
  });
}

/** How often a consumer group handled an event after a later one of the same order. */
export function overtakings(log: readonly LoggedEvent[], { inbox }: Recorded): number {
  const events = new Map(firstOccurrences(log).map((event) => [event.id, event]));
  const handled = inbox.flatMap(({ consumer, eventId, receivedAt }) => {
    const event = events.get(eventId);
    return event === undefined ? [] : [{ stream: `${consumer}/${event.subject}`, event, receivedAt }];
  });
  let count = 0;
  for (const own of Map.groupBy(handled, (it) => it.stream).values()) {
    let latest = 0;
    for (const { receivedAt } of own.toSorted((a, b) => a.event.appendedAt.getTime() - b.event.appendedAt.getTime())) {
      if (receivedAt.getTime() < latest) count++;
      latest = Math.max(latest, receivedAt.getTime());
    }
  }
  return count;
}

// Longer than a slow mail server takes, and than the lease after which another instance sends the mail.
const AROUND_MS = 30_000;

/** Faults that leave the outcome of a mail unknown: its sender is lost, or cut off from its database. */
const isLoss = ({ fault: { target, kind } }: InjectedFault): boolean =>
  target === 'postgres' ||
  (target === 'notifications' && (kind === 'SIGKILL' || kind === 'SIGSTOP' || kind === 'restore'));

/** The mails whose second copies are explained: they first arrived around a kill or a cut. */
export const possibleCopies = (mails: readonly CopiedMail[], injected: readonly InjectedFault[]): CopiedMail[] =>
  mails.filter(({ receivedAt }) =>
    injected.some((it) => isLoss(it) && +receivedAt >= it.from - AROUND_MS && +receivedAt <= it.until + AROUND_MS),
  );

/** How many copies there are beyond the first ones. */
export const copiesOf = (mails: readonly CopiedMail[]): number =>
  mails.reduce((sum, { copies }) => sum + copies - 1, 0);
