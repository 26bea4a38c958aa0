import type { LetterAddress, TriedLetter } from '@orderflow/console-api';
import type { CallItem, DryRunAnswer, ExpiredItem, ParkedItem } from '@orderflow/dead-letters';
import { Problem } from '@orderflow/http';
import type { Service } from '@orderflow/contracts';
import type { ServiceRoutes } from './service-routes.js';
import { letterOfCall, letterOfEvent, letterOfRange } from './shapes.js';

/** Events of one service that were seen in one state: what one request of its routes can select. */
export interface Batch {
  readonly service: Service;
  readonly letters: readonly LetterAddress[];
  readonly selection: {
    readonly filter: { readonly ids: readonly string[]; readonly state: string };
    readonly limit: number;
  };
}

// The services' own word for an event behind another one.
const stateThere = (state: LetterAddress['state']): string => (state === 'blocked' ? 'waiting' : state);

/** The events among the letters, as few requests select them. */
export function batchesOf(letters: readonly LetterAddress[]): Batch[] {
  const events = letters.filter(({ kind }) => kind === 'event');
  return [...Map.groupBy(events, ({ service, state }) => `${service} ${state}`).values()].map((own) => {
    const [{ service, state }] = own as [LetterAddress, ...LetterAddress[]];
    const filter = { ids: own.map(({ id }) => id), state: stateThere(state) };
    return { service, letters: own, selection: { filter, limit: own.length } };
  });
}

const CALLS_AT_ONCE = 8;

/** Works through the items, some at a time. @returns the results in the order of the items */
export async function someAtATime<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let from = 0; from < items.length; from += CALLS_AT_ONCE)
    results.push(...(await Promise.all(items.slice(from, from + CALLS_AT_ONCE).map(work))));
  return results;
}

/** Those that are still in the state in which they were seen. @throws ServiceUnavailable */
export async function stillAsSeen(routes: ServiceRoutes, seen: readonly LetterAddress[]): Promise<LetterAddress[]> {
  const events = batchesOf(seen).map(async ({ service, selection: { filter, limit } }) => {
    const query = { ids: filter.ids.join(','), state: filter.state };
    const { items } = await routes.list<ParkedItem>(service, '', query, limit);
    return items.map((item) => letterOfEvent(service, item));
  });
  const calls = someAtATime(of('call', seen), async ({ service, id }) =>
    (await found<CallItem>(routes, service, `/calls/${encodeURIComponent(id)}`)).map((it) => letterOfCall(service, it)),
  );
  const ranges = someAtATime(of('range', seen), async ({ service, id }) => {
    const { items } = await routes.list<ExpiredItem>(service, '/expired', afterOf(id), 1);
    return items.map((item) => letterOfRange(service, item));
  });
  return (await Promise.all([...events, calls.then(flat), ranges.then(flat)])).flat();
}

const of = (kind: LetterAddress['kind'], letters: readonly LetterAddress[]): LetterAddress[] =>
  letters.filter((letter) => letter.kind === kind);

const flat = <T>(lists: readonly (readonly T[])[]): T[] => lists.flat();

/** The query for a list that begins with this range: lists have no other way to one. */
export const afterOf = (id: string): Record<string, string> =>
  BigInt(id) > 1n ? { after: String(BigInt(id) - 1n) } : {};

/** One item, or none where the service knows of none. */
async function found<Item>(routes: ServiceRoutes, service: Service, path: string): Promise<Item[]> {
  try {
    return [await routes.get<Item>(service, path)];
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return [];
    throw error;
  }
}

/** The outcomes of a retry, for the events that are still as they were seen. @throws ServiceUnavailable */
export async function tried(routes: ServiceRoutes, letters: readonly LetterAddress[]): Promise<TriedLetter[]> {
  const results = batchesOf(letters).map(async ({ service, letters: own, selection }) => {
    const body = { ...selection, dryRun: true };
    const { items } = await routes.post<{ items: DryRunAnswer[] }>(service, '/retry', 'console', body);
    return items.flatMap(({ id, behind, ...head }) => {
      const letter = own.find((it) => it.id === id);
      return letter ? [{ ...triedOf(head), letter, behind: behind.map(triedOf) }] : [];
    });
  });
  return (await Promise.all(results)).flat();
}

const triedOf = (item: Omit<DryRunAnswer, 'id' | 'behind'>): Omit<TriedLetter, 'letter' | 'behind'> => ({
  what: item.type,
  outcome: item.outcome,
  reason: item.reason,
  publishes: item.publishes,
  calls: item.calls,
});
