import { amountText } from '@orderflow/contracts';
import { judged, rulesAbout } from './rule.ts';

/** A price as one service has it. */
export interface ListedPrice {
  readonly priceMinor: number;
  readonly currency: string;
  /** The `sequence` of its `ProductChanged` event. */
  readonly sequence: number;
}

/** The price of one product at inventory, which owns it, and in the price list of orders, read later. */
export interface PriceFacts {
  readonly sku: string;
  readonly owned: ListedPrice | undefined;
  readonly listed: ListedPrice | undefined;
}

const textOf = (price: ListedPrice | undefined): string =>
  price === undefined ? 'none' : `${amountText(price.priceMinor, price.currency)} (change ${price.sequence})`;

/** Rules about the price of one product. */
export const priceRules = [
  rulesAbout<PriceFacts>(({ sku }) => sku)(
    'prices',
    'orders sells at the price that inventory published last',
    ({ owned, listed }) => {
      const holds = textOf(owned) === textOf(listed);
      const broken = { expected: textOf(owned), found: textOf(listed) };
      return judged(holds, { products: 1 }, { alike: holds ? 1 : 0 }, broken);
    },
  ),
];
