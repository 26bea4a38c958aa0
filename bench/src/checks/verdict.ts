import type { Line } from '@orderflow/client';

/** An order as the system under test has recorded it. */
export interface OrderRecord {
  readonly orderId: string;
  readonly status: string;
  readonly settled: boolean;
  readonly totalMinor: number;
  /** When it was confirmed or cancelled, ms since 1970. */
  readonly decidedAt: number | null;
  /** When its last event was made, ms since 1970. */
  readonly settledAt: number | null;
}

/** What a run has left behind. Charges and mails are those of the world outside. */
export interface Facts {
  /** The lines of every order that was accepted, by order id. */
  readonly accepted: ReadonlyMap<string, readonly Line[]>;
  readonly orders: readonly OrderRecord[];
  /** One for each time that money was taken. */
  readonly charges: readonly { readonly orderId: string; readonly keptMinor: number }[];
  readonly mails: readonly { readonly orderId: string; readonly template: string; readonly copies: number }[];
  readonly stock: readonly { readonly sku: string; readonly onHand: number; readonly reserved: number }[];
  /** Units of each product that were there before the first order. */
  readonly units: number;
}

/** Whether every accepted order has had its effects once. */
export interface Verdict {
  readonly accepted: number;
  readonly settled: number;
  /** Accepted, but not recorded. */
  readonly lost: number;
  /** Charged more than once. */
  readonly doubled: number;
  /** Mailed more than once for one reason. */
  readonly mailedTwice: number;
  /** Recorded, but not settled when nothing moved any more. */
  readonly stuck: number;
  /** Settled without a mail. */
  readonly unmailed: number;
  /** Settled, with other money kept than the outcome calls for. */
  readonly wrongMoney: number;
  /** Products whose stock is not what the settled orders left of it. */
  readonly wrongStock: number;
}

/** Whether a run is sound: only then its figures count. */
export const isSound = ({ accepted, settled, ...faults }: Verdict): boolean =>
  accepted === settled && Object.values(faults).every((count) => count === 0);

/** A line such as `1000 in = 1000 settled, 0 lost, 0 charged twice, 0 mailed twice, 0 stuck`. Sums are named where they are wrong. */
export function wordsOf({ accepted, settled, lost, doubled, mailedTwice, stuck, ...sums }: Verdict): string {
  const { unmailed, wrongMoney, wrongStock } = sums;
  const counts = `${accepted} in ${accepted === settled ? '=' : '≠'} ${settled} settled, ${lost} lost, ${doubled} charged twice, ${mailedTwice} mailed twice, ${stuck} stuck`;
  const wrong = [
    [unmailed, 'orders without a mail'],
    [wrongMoney, 'orders with wrong money'],
    [wrongStock, 'products with wrong stock'],
  ].filter(([count]) => count !== 0);
  return [counts, ...wrong.map(([count, name]) => `${count} ${name}`)].join(', ');
}

function countBy<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  countOf: (item: T) => number,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + countOf(item));
  return counts;
}

/** Products whose units are neither there nor sold. Orders that are not settled may still hold some, and are left to `stuck`. */
function wrongStockOf({ accepted, orders, stock, units }: Facts): number {
  const confirmed = orders.filter(({ status }) => status === 'confirmed');
  const lines = confirmed.flatMap(({ orderId }) => accepted.get(orderId) ?? []);
  const sold = countBy(
    lines,
    ({ sku }) => sku,
    ({ quantity }) => quantity,
  );
  return stock.filter(({ sku, onHand, reserved }) => onHand !== units - (sold.get(sku) ?? 0) || reserved !== 0).length;
}

/** @param judged the orders that are counted; the stock is that of all orders. By default every accepted order */
export function judge(facts: Facts, judged: ReadonlySet<string> = new Set(facts.accepted.keys())): Verdict {
  const recorded = new Map(facts.orders.map((order) => [order.orderId, order]));
  const charges = countBy(
    facts.charges,
    ({ orderId }) => orderId,
    () => 1,
  );
  const kept = countBy(
    facts.charges,
    ({ orderId }) => orderId,
    ({ keptMinor }) => keptMinor,
  );
  const mails = countBy(
    facts.mails,
    ({ orderId, template }) => `${orderId} ${template}`,
    ({ copies }) => copies,
  );
  const mailed = new Set(facts.mails.map(({ orderId }) => orderId));
  const twice = new Set([...mails].filter(([, count]) => count > 1).map(([key]) => key.split(' ')[0]));
  const ids = [...judged];
  const settled = ids.filter((id) => recorded.get(id)?.settled);
  const dueOf = ({ status, totalMinor }: OrderRecord): number => (status === 'confirmed' ? totalMinor : 0);
  return {
    accepted: ids.length,
    settled: settled.length,
    lost: ids.filter((id) => !recorded.has(id)).length,
    doubled: ids.filter((id) => (charges.get(id) ?? 0) > 1).length,
    mailedTwice: ids.filter((id) => twice.has(id)).length,
    stuck: ids.filter((id) => recorded.get(id)?.settled === false).length,
    unmailed: settled.filter((id) => !mailed.has(id)).length,
    wrongMoney: settled.filter((id) => (kept.get(id) ?? 0) !== dueOf(recorded.get(id)!)).length,
    wrongStock: wrongStockOf(facts),
  };
}
