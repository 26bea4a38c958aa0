import type { LetterAddress, OutcomeItem } from '@orderflow/console-api';
import type { Service } from '@orderflow/contracts';
import type { ParkedItem } from '@orderflow/dead-letters';
import { Problem } from '@orderflow/http';
import type { Deed } from '../../domain/letters/actions.js';
import { type Batch, batchesOf, someAtATime } from './selection.js';
import type { ServiceRoutes } from './service-routes.js';

/** Does it to each of the letters, whatever becomes of the others. @returns an item for each */
export async function actOn(
  routes: ServiceRoutes,
  deed: Deed,
  letters: readonly LetterAddress[],
  operator: string,
): Promise<OutcomeItem[]> {
  const events = batchesOf(letters).map(async (batch) => onEvents(routes, deed, batch, operator));
  const others = letters.filter(({ kind }) => kind !== 'event');
  const oneByOne = someAtATime(others, async (letter) => onOne(routes, deed, letter, operator));
  return (await Promise.all([...events, oneByOne])).flat();
}

async function onEvents(
  routes: ServiceRoutes,
  deed: Deed,
  { service, letters, selection }: Batch,
  operator: string,
): Promise<OutcomeItem[]> {
  const [path, body] =
    deed.action === 'retry'
      ? (['/retry', { ...selection, ratePerSecond: deed.ratePerSecond }] as const)
      : (['/discard', { ...selection, ...('reason' in deed && { reason: deed.reason }) }] as const);
  try {
    const { items } = await routes.post<{ items: ParkedItem[] }>(service, path, operator, body);
    const done = new Set(items.map(({ id }) => id));
    return letters.map((letter) =>
      done.has(letter.id)
        ? { letter, outcome: 'done', detail: null }
        : { letter, outcome: 'gone', detail: 'It was no more as it was seen.' },
    );
  } catch (error) {
    return letters.map((letter) => failed(letter, error));
  }
}

async function onOne(routes: ServiceRoutes, deed: Deed, letter: LetterAddress, operator: string): Promise<OutcomeItem> {
  const { service, kind, id } = letter;
  try {
    if (kind === 'range') await acknowledge(routes, service, id, operator, deed);
    else await onCall(routes, service, id, operator, deed);
    return { letter, outcome: 'done', detail: null };
  } catch (error) {
    return failed(letter, error);
  }
}

async function acknowledge(
  routes: ServiceRoutes,
  service: Service,
  id: string,
  operator: string,
  deed: Deed,
): Promise<void> {
  const reason = 'reason' in deed ? deed.reason : '';
  await routes.post(service, `/expired/${encodeURIComponent(id)}/acknowledge`, operator, { reason });
}

async function onCall(
  routes: ServiceRoutes,
  service: Service,
  key: string,
  operator: string,
  deed: Deed,
): Promise<void> {
  const path = `/calls/${encodeURIComponent(key)}`;
  if (deed.action !== 'settle') return void (await routes.post(service, `${path}/retry`, operator));
  const { action: _, ...settlement } = deed;
  await routes.post(service, `${path}/settle`, operator, settlement);
}

/** 404 and 409: another operator, or the service itself, was first. Without an answer it is not known what was done. */
function failed(letter: LetterAddress, error: unknown): OutcomeItem {
  if (!(error instanceof Problem)) throw error;
  if (error.status >= 500) return { letter, outcome: 'unknown', detail: error.detail };
  const isGone = error.status === 404 || ['not-a-dead-letter', 'already-acknowledged'].includes(error.kind);
  return { letter, outcome: isGone ? 'gone' : 'refused', detail: error.detail };
}
