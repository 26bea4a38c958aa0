import type { CancelReason, Trouble } from '@orderflow/console-api';

/** The search parameters of the pages. A value that cannot be one is left out: a link with a typing error still opens. */

type Raw = Readonly<Record<string, unknown>>;

export interface CommonSearch {
  /** The instant that the whole console shows, ISO 8601 UTC; left out: now. */
  readonly at?: string | undefined;
}

export interface OrdersSearch extends CommonSearch {
  readonly status?: 'placed' | 'confirmed' | 'cancelled' | undefined;
  readonly settled?: 'true' | 'false' | undefined;
  /** Of cancelled orders. */
  readonly reason?: CancelReason | undefined;
  readonly trouble?: Trouble | undefined;
  readonly customerId?: string | undefined;
  readonly sku?: string | undefined;
  /** The form that places an order is open. */
  readonly place?: '1' | undefined;
}

export interface OrderSearch extends CommonSearch {
  /** Id of the selected event. */
  readonly event?: string | undefined;
  readonly tab?: 'data' | 'record' | undefined;
  readonly view?: 'list' | undefined;
}

export interface FlowSearch extends CommonSearch {
  /** The place of the map that is selected, such as `topic:orders.events`. */
  readonly node?: string | undefined;
  readonly view?: 'table' | undefined;
}

export interface CatalogEventSearch extends CommonSearch {
  /** A version of the schema; left out: the newest. */
  readonly version?: string | undefined;
}

export interface BreakSearch extends CommonSearch {
  /** Seconds that the next break lasts. */
  readonly for?: '10' | '30' | '60' | '300' | undefined;
}

export interface ProofSearch extends CommonSearch {
  /** The time of an earlier audit; left out: the last one. */
  readonly audit?: string | undefined;
}

export interface LettersSearch extends CommonSearch {
  readonly orderId?: string | undefined;
  /** Key of the group that is unfolded, or `none`; left out: the first one. */
  readonly group?: string | undefined;
  /** The open letter: `inventory/event/12`. */
  readonly letter?: string | undefined;
  readonly tab?: 'content' | 'record' | undefined;
  readonly do?: Deed | undefined;
  /** To what: a group by its key, the open letter, or those that are selected. */
  readonly of?: string | undefined;
  /** What operators did is shown. */
  readonly log?: '1' | undefined;
}

const deeds = ['retry', 'discard', 'settle', 'acknowledge'] as const;
export type Deed = (typeof deeds)[number];

const reasons: readonly CancelReason[] = [
  'out_of_stock',
  'payment_declined',
  'customer_request',
  'timed_out',
  'unknown',
];

const oneOf = <T extends string>(value: unknown, values: readonly T[]): T | undefined =>
  values.find((it) => it === value);

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' && value.length <= 200 ? value : undefined;

function instant(value: unknown): string | undefined {
  const at = typeof value === 'string' ? new Date(value) : undefined;
  return at && !Number.isNaN(at.getTime()) ? at.toISOString() : undefined;
}

/** Without the members that are undefined. */
function compact<T extends object>(search: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as T;
}

export const commonSearch = ({ at }: Raw): CommonSearch => compact<CommonSearch>({ at: instant(at) });

export const ordersSearch = ({ at, status, settled, reason, trouble, customerId, sku, place }: Raw): OrdersSearch =>
  compact<OrdersSearch>({
    at: instant(at),
    status: oneOf(status, ['placed', 'confirmed', 'cancelled']),
    settled: oneOf(settled, ['true', 'false']),
    reason: oneOf(reason, reasons),
    trouble: oneOf(trouble, ['any', 'overdue', 'parked', 'dead']),
    customerId: text(customerId),
    sku: text(sku),
    place: oneOf(place, ['1']),
  });

/** The path names an order in either case, the stream of the console in lower case. */
export const orderParams = ({ orderId }: { readonly orderId: string }): { orderId: string } => ({
  orderId: orderId.toLowerCase(),
});

export const orderSearch = ({ at, event, tab, view }: Raw): OrderSearch =>
  compact<OrderSearch>({
    at: instant(at),
    event: text(event),
    tab: oneOf(tab, ['data', 'record']),
    view: oneOf(view, ['list']),
  });

export const flowSearch = ({ at, node, view }: Raw): FlowSearch =>
  compact<FlowSearch>({ at: instant(at), node: text(node), view: oneOf(view, ['table']) });

export const catalogEventSearch = ({ at, version }: Raw): CatalogEventSearch =>
  compact<CatalogEventSearch>({ at: instant(at), version: text(version) });

export const breakSearch = ({ at, for: seconds }: Raw): BreakSearch =>
  compact<BreakSearch>({ at: instant(at), for: oneOf(seconds, ['10', '30', '60', '300']) });

export const proofSearch = ({ at, audit }: Raw): ProofSearch =>
  compact<ProofSearch>({ at: instant(at), audit: instant(audit) });

export const lettersSearch = ({ at, orderId, group, letter, tab, do: deed, of, log }: Raw): LettersSearch =>
  compact<LettersSearch>({
    at: instant(at),
    orderId: text(orderId),
    group: text(group),
    letter: text(letter),
    tab: oneOf(tab, ['content', 'record']),
    do: oneOf(deed, deeds),
    of: text(of),
    log: oneOf(log, ['1']),
  });

/** Plain text in the URL: the router's own writes JSON. */
export const parseSearch = (search: string): Record<string, string> => Object.fromEntries(new URLSearchParams(search));

export function stringifySearch(search: Raw): string {
  const set = Object.entries(search).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []));
  return set.length === 0 ? '' : `?${new URLSearchParams(set).toString()}`;
}
