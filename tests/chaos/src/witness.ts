import type { Books, OrderRow } from './books.ts';
import type { Placement } from './customers.ts';
import type { Said } from './log.ts';

export type Harm = 'lost' | 'doubled' | 'stuck' | 'wrong';

export interface Problem {
  harm: Harm;
  /** Empty where it is about no order in particular. */
  orderId: string;
  what: string;
}

const stateOf = ({ status, cancelReason, stock, payment, settled }: OrderRow): string =>
  `${status ?? 'unknown'}${cancelReason === null ? '' : ` (${cancelReason})`}, stock ${stock}, payment ${payment}, ${settled ? '' : 'not '}settled`;

/** What customers know of against what became of it. */
export function askCustomers(placements: readonly Placement[], { orders }: Books, customerId: string): Problem[] {
  const rows = new Map(orders.map((row) => [row.orderId, row]));
  const known = new Set<string>();
  const problems = placements.flatMap(({ key, orderIds, cancelled }): Problem[] => {
    for (const orderId of orderIds) known.add(orderId);
    const [orderId] = orderIds;
    if (orderId === undefined) return [{ harm: 'stuck', orderId: '', what: `nobody answers the order of key ${key}` }];
    if (orderIds.size > 1) {
      return [{ harm: 'doubled', orderId, what: `key ${key} has the orders ${[...orderIds].join(', ')}` }];
    }
    const row = rows.get(orderId);
    if (row === undefined) return [{ harm: 'lost', orderId, what: 'was accepted and is not there' }];
    if (!row.settled) return [{ harm: 'stuck', orderId, what: stateOf(row) }];
    return cancelled && row.status !== 'cancelled'
      ? [{ harm: 'wrong', orderId, what: `its cancellation was accepted, and it is ${stateOf(row)}` }]
      : [];
  });
  const strangers = orders.filter((row) => row.customerId === customerId && !known.has(row.orderId));
  return [
    ...problems,
    ...strangers.map((row): Problem => {
      return { harm: 'doubled', orderId: row.orderId, what: `no customer knows of it: ${stateOf(row)}` };
    }),
  ];
}

/** Where each event first stands in the log, the order of each stream kept. */
export function firstOccurrences(said: readonly Said[]): Said[] {
  const first = new Map<string, Said>();
  for (const event of said.toSorted((one, other) => (one.offset < other.offset ? -1 : 1))) {
    if (!first.has(event.id)) first.set(event.id, event);
  }
  return [...first.values()];
}

/** Whether all that was committed is in the log, once and in order; copies behind the first do no harm. */
export function askLog(said: readonly Said[], books: Books): Problem[] {
  const streams = Map.groupBy(firstOccurrences(said), ({ source, subject }) => `${source}/${subject}`);
  const order = [...streams].flatMap(([stream, events]): Problem[] => {
    const orderId = events[0]!.subject;
    const sequences = events.map(({ sequence }) => sequence);
    if (new Set(sequences).size < sequences.length) {
      return [{ harm: 'doubled', orderId, what: `the log has of ${stream} the events ${sequences.join(', ')}` }];
    }
    return sequences.every((sequence, index) => sequence === index + 1)
      ? []
      : [{ harm: 'lost', orderId, what: `the log has of ${stream} the events ${sequences.join(', ')}` }];
  });
  const short = [...books.said].flatMap(([stream, last]): Problem[] => {
    const count = streams.get(stream)?.length ?? 0;
    const orderId = stream.slice(stream.indexOf('/') + 1);
    if (count === last) return [];
    return [{ harm: 'lost', orderId, what: `the log has ${count} of the ${last} events that were said by ${stream}` }];
  });
  const ids = new Set(said.map(({ id }) => id));
  const missing = books.recorded
    .filter(({ id }) => !ids.has(id))
    .map(({ id, orderId }): Problem => ({ harm: 'lost', orderId, what: `its event ${id} is not in the log` }));
  return [...order, ...short, ...missing];
}

/** How often a consumer took on an event after one that was said later of the same order: what overtaking there was. */
export function overtakings(said: readonly Said[], { inbox }: Books): number {
  const events = new Map(firstOccurrences(said).map((event) => [event.id, event]));
  const heard = inbox.flatMap(({ consumer, eventId, receivedAt }) => {
    const event = events.get(eventId);
    return event === undefined ? [] : [{ of: `${consumer}/${event.subject}`, event, receivedAt }];
  });
  let count = 0;
  for (const own of Map.groupBy(heard, (it) => it.of).values()) {
    let latest = 0;
    for (const { receivedAt } of own.toSorted((a, b) => a.event.appendedAt.getTime() - b.event.appendedAt.getTime())) {
      if (receivedAt.getTime() < latest) count++;
      latest = Math.max(latest, receivedAt.getTime());
    }
  }
  return count;
}
