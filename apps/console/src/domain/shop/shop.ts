import { Random } from './random.js';

export interface Line {
  readonly sku: string;
  readonly quantity: number;
}

export interface Product {
  readonly sku: string;
  readonly name: string;
  readonly priceMinor: number;
  readonly currency: string;
}

/** Points of a distribution: the share of values below, and the value there. Between two points it is logarithmic. */
type Quantiles = readonly (readonly [share: number, value: number])[];

// The sales of a UK gift shop in one year, 19,959 with 530,503 lines: Chen, D. (2015), Online Retail, UCI Machine Learning
// Repository, CC BY 4.0. Only these statistics of it are used.
const LINES: Quantiles = [
  [0, 1],
  [0.1, 2],
  [0.25, 6],
  [0.5, 15],
  [0.75, 29],
  [0.9, 54],
  [0.95, 79],
  [0.99, 220],
  [0.999, 593],
  [1, 1_114],
];
const QUANTITY: Quantiles = [
  [0, 1],
  [0.3, 1],
  [0.5, 3],
  [0.75, 10],
  [0.9, 24],
  [0.99, 100],
  [0.999, 450],
  [0.99999, 3_000],
  [1, 80_995],
];
/** In pence. */
const PRICE: Quantiles = [
  [0, 10],
  [0.01, 29],
  [0.5, 208],
  [0.9, 795],
  [0.99, 1_698],
  [0.999, 5_000],
  [1, 1_354_100],
];
const REPEATED_SHARE = 0.125;
const PRODUCTS = 3_921;
/** The least popular ones: 0.07 % of all lines. */
const FREE_PRODUCTS = 10;
/** Weight of the product of a rank: the hottest is in 11 % of all sales, and the top tenth has 45 % of all lines. */
const weightOf = (rank: number): number => (rank + 33) ** -0.86;

const ODD_SKUS = ['POST', 'M', 'm', 'BANK CHARGES', 'gift_0001_40', '85123a', '85123A', 'D/C 50% OFF', 'A+B & C'];
/** Ranks between two of them. */
const ODD_EVERY = 150;

const valueAt = (quantiles: Quantiles, share: number): number => {
  const next = Math.max(
    1,
    quantiles.findIndex(([upTo]) => share < upTo),
  );
  const [[from, least], [to, most]] = [quantiles[next - 1]!, quantiles[next]!];
  return Math.round(least * (most / least) ** ((share - from) / (to - from)));
};

const skuOf = (rank: number): string =>
  (rank % ODD_EVERY === 0 ? ODD_SKUS[rank / ODD_EVERY - 1] : undefined) ?? `${20_000 + rank}`;

/** The lines of the sale below which a share of all sales is, from 0 to 1. */
export const lineCountAt = (share: number): number => valueAt(LINES, share);

/** Products and sales with the statistics of a real shop, reproducible by seed. */
export class Shop {
  readonly products: readonly Product[];
  private readonly random: Random;
  /** The sum of the weights up to each product. */
  private readonly upTo: readonly number[];

  constructor(seed: number) {
    this.random = new Random(seed);
    let sum = 0;
    this.upTo = Array.from({ length: PRODUCTS }, (_, index) => (sum += weightOf(index + 1)));
    this.products = Array.from({ length: PRODUCTS }, (_, index) => {
      const sku = skuOf(index + 1);
      const isFree = index >= PRODUCTS - FREE_PRODUCTS;
      const priceMinor = isFree ? 0 : valueAt(PRICE, this.random.next());
      return { sku, name: `Gift ${sku}`, priceMinor, currency: 'GBP' };
    });
  }

  /** The lines of the next sale. @param count of lines; by default as many as sales have */
  sale(count = lineCountAt(this.random.next())): Line[] {
    const skus = new Set<string>();
    while (skus.size < count) skus.add(this.popular());
    const lines = [...skus].map((sku) => ({ sku, quantity: valueAt(QUANTITY, this.random.next()) }));
    // A sale of one line cannot repeat a SKU, so the others do it more often.
    if (count > 1 && this.random.next() < REPEATED_SHARE / (1 - SHARE_OF_ONE_LINE)) {
      const [from, to] = this.random.shuffled([...lines.keys()]);
      lines[to!] = { ...lines[to!]!, sku: lines[from!]!.sku };
    }
    return lines;
  }

  private popular(): string {
    const weight = this.random.next() * this.upTo.at(-1)!;
    let [least, most] = [0, PRODUCTS - 1];
    while (least < most) {
      const middle = (least + most) >> 1;
      if (this.upTo[middle]! > weight) most = middle;
      else least = middle + 1;
    }
    return this.products[least]!.sku;
  }
}

/** Of the distribution above: values up to 1.5 are rounded to one line. */
const SHARE_OF_ONE_LINE = 0.1 * Math.log2(1.5);
