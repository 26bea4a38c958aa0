import type { SearchHit } from '@orderflow/console-api';
import type { Journal, Recorded } from './journal.js';
import { mailTerm, type Term } from './terms.js';

const MOST_ORDERS = 20;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const PLACE = /^([a-z.-]+)\/(\d{1,6})\/(\d{1,18})$/;
const TRACE = /^[0-9a-f]{32}$/i;

/** What a text names exactly, the newest orders first; each look is by an index. */
export async function search(journal: Journal, q: string): Promise<SearchHit[]> {
  const looks = UUID.test(q)
    ? [orderOf(journal, q.toLowerCase()), eventOf(journal, q.toLowerCase())]
    : [placeOf(journal, q)];
  return (await Promise.all([...looks, ordersOf(journal, q)])).flat();
}

const termsOf = (q: string): Term[] => [
  { kind: 'customer', term: q },
  { kind: 'sku', term: q },
  { kind: 'charge', term: q },
  ...(q.includes('@') ? [{ kind: 'mail', term: mailTerm(q) } as const] : []),
  ...(TRACE.test(q) ? [{ kind: 'trace', term: q.toLowerCase() } as const] : []),
];

async function orderOf(journal: Journal, orderId: string): Promise<SearchHit[]> {
  const found = await journal.heads([orderId]);
  return found.map(() => ({ kind: 'order', id: orderId, title: `Order ${orderId}`, orderId, eventId: null }));
}

async function eventOf(journal: Journal, eventId: string): Promise<SearchHit[]> {
  const record = await journal.byEventId(eventId);
  return record ? [{ ...aboutRecord(record), kind: 'event', id: eventId }] : [];
}

async function placeOf(journal: Journal, q: string): Promise<SearchHit[]> {
  const [, topic, partition, offset] = PLACE.exec(q) ?? [];
  if (topic === undefined || partition === undefined || offset === undefined) return [];
  const record = await journal.byPlace({ topic, partition: Number(partition), offset });
  return record ? [{ ...aboutRecord(record), kind: 'record', id: q }] : [];
}

function aboutRecord({ event, subject, type, why }: Recorded) {
  const title = why === undefined ? `${type} of ${subject}` : `${type || 'A record'} of ${subject || 'no key'}: ${why}`;
  const isOfOrder = event ? event.type !== 'ProductChanged' : UUID.test(subject);
  return { title, orderId: isOfOrder ? subject : null, eventId: event?.id ?? null };
}

const titles: Record<Term['kind'], string> = {
  customer: 'Order of the customer',
  sku: 'Order with the SKU',
  charge: 'Order with the charge or refund',
  mail: 'Order with the e-mail address',
  trace: 'Order of the trace',
};

async function ordersOf(journal: Journal, q: string): Promise<SearchHit[]> {
  const orders = await journal.ordersBy(termsOf(q), MOST_ORDERS);
  return orders.map(({ kind, orderId }) => ({ kind, id: q, title: `${titles[kind]} ${q}`, orderId, eventId: null }));
}
