import { BrokenRule } from '@orderflow/decider';
import type { PricedLine } from '@orderflow/order-view';

export interface Price {
  readonly priceMinor: number;
  readonly currency: string;
  /** The `sequence` of its `ProductChanged` event. */
  readonly sequence: number;
}

/** Prices by SKU, a local copy: placing an order needs no request to inventory. */
export type PriceList = ReadonlyMap<string, Price>;

export interface ListPrice {
  readonly type: 'ListPrice';
  readonly sku: string;
  readonly price: Price;
}

export interface PriceListed {
  readonly type: 'PriceListed';
  readonly sku: string;
  readonly price: Price;
}

export interface RequestedLine {
  readonly sku: string;
  readonly quantity: number;
}

/** The line of an order at `index` cannot be priced. */
export class LineRefused extends BrokenRule {
  constructor(
    message: string,
    rule: string,
    readonly index: number,
  ) {
    super(message, rule);
  }
}

/** The order costs more than the payment provider charges at once. Minor units; a total beyond the safe integers is rounded. */
export class TotalTooLarge extends BrokenRule {
  constructor(
    readonly totalMinor: number,
    readonly mostTotalMinor: number,
  ) {
    super(`the total is ${totalMinor} minor units, at most ${mostTotalMinor} can be charged`, 'total-too-large');
  }
}

/** The customer saw another total than the order would cost now, both in minor units. */
export class TotalDiffers extends BrokenRule {
  constructor(
    readonly expectedTotalMinor: number,
    readonly totalMinor: number,
  ) {
    super(`the order costs ${totalMinor} minor units now, not ${expectedTotalMinor}`, 'total-differs');
  }
}

export function listPrice({ sku, price }: ListPrice, prices: PriceList): PriceListed[] {
  if (price.priceMinor < 0) throw new BrokenRule(`the price of ${sku} is below zero`, 'negative-price');
  const known = prices.get(sku);
  // A replay of the topic begins with old prices.
  if (known && known.sequence >= price.sequence) return [];
  return [{ type: 'PriceListed', sku, price }];
}

/** @throws LineRefused for a SKU that is not on the list, or is not sold in `currency` */
export function priceLines(lines: readonly RequestedLine[], currency: string, prices: PriceList): PricedLine[] {
  return lines.map(({ sku, quantity }, index) => {
    const price = prices.get(sku);
    if (!price) throw new LineRefused(`there is no product ${sku}`, 'unknown-sku', index);
    if (price.currency !== currency)
      throw new LineRefused(`${sku} is sold in ${price.currency}`, 'currency-mismatch', index);
    return { sku, quantity, unitPriceMinor: price.priceMinor };
  });
}

/**
 * @param mostMinor at most the largest safe integer: sums up to it are exact
 * @throws TotalTooLarge
 */
export function totalOf(lines: readonly PricedLine[], mostMinor: number): number {
  const total = lines.reduce((sum, { quantity, unitPriceMinor }) => sum + quantity * unitPriceMinor, 0);
  if (total > mostMinor) throw new TotalTooLarge(total, mostMinor);
  return total;
}
