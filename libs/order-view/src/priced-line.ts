import type { EventData } from '@orderflow/contracts';

/** A line of an order; the price is in minor units of its currency. */
export interface PricedLine {
  readonly sku: string;
  readonly quantity: number;
  readonly unitPriceMinor: number;
}

/** A line of `OrderPlaced` as it is read. */
export const pricedLine = ({
  sku,
  quantity,
  unitPriceMinor,
  largeUnitPriceMinor,
}: EventData['OrderPlaced']['lines'][number]): PricedLine => ({
  sku,
  quantity,
  unitPriceMinor: largeUnitPriceMinor ?? unitPriceMinor,
});
